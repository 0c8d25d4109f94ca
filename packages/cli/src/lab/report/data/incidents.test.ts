import { describe, expect, it } from 'vitest';
import { findings } from '../../../../test/support/findings.js';
import type { HistoryRecord, LedgerEntry } from '../../records.js';
import type { Kind } from '../../roles.js';
import type { Cell } from '../../summary.js';
import { IncidentFinder } from './incidents.js';

const doubtful = findings({ lost: 1 });
const bare: Cell = { client: 'got', title: 'got', decides: false, verdict: 'fail', reasons: [], findings: doubtful };
const onHoldline: Cell = { ...bare, client: 'got-holdline', bareId: 'got' };

function executed(client: string, id: string, atMs: number, kind: Kind = 'POST', effect = true): LedgerEntry {
  return { event: 'executed', client, id, atMs, kind, effect };
}

function answered(client: string, id: string, atMs: number, status = 200): HistoryRecord {
  return { type: 'answered', client, id, atMs, status };
}

function failed(client: string, id: string, atMs: number, hangUp = true): HistoryRecord {
  return { type: 'failed', client, id, atMs, code: 'ECONNRESET', message: 'socket hang up', hangUp };
}

function find(ledger: readonly LedgerEntry[], history: readonly HistoryRecord[]) {
  const finder = new IncidentFinder([bare, onHoldline]);
  for (const entry of ledger) finder.takeEntry(entry);
  for (const record of history) finder.takeRecord(record);
  return finder.found().map(({ kind, client, id }) => `${kind} ${client} ${id}`);
}

describe('the first incidents of a round', () => {
  it('are those of either side, Holdline’s first, by time and not by line', () => {
    const history = [failed('got', 'b', 20), failed('got', 'a', 10), failed('got-holdline', 'c', 30)];
    expect(find([], history)).toEqual(['hang-up got-holdline c', 'hang-up got a']);
  });

  it('are ordered by how bad they are', () => {
    const ledger = [executed('got', 'a', 1), executed('got', 'a', 2)];
    const replayed: HistoryRecord = {
      type: 'replayed',
      client: 'got',
      id: 'd',
      atMs: 3,
      reason: 'idempotent',
      ok: true,
    };
    expect(find(ledger, [replayed, failed('got', 'b', 4), answered('got', 'c', 5)])).toEqual([
      'twice got a',
      'lost got c',
      'hang-up got b',
      'cured got d',
    ]);
  });

  it('are no GET that was executed twice, and no keyed POST with one effect', () => {
    const ledger = [executed('got', 'a', 1, 'GET'), executed('got', 'a', 2, 'GET')];
    const keyed = [executed('got', 'b', 3, 'keyed POST'), executed('got', 'b', 4, 'keyed POST', false)];
    expect(find([...ledger, ...keyed], [])).toEqual([]);
    expect(find([...keyed, executed('got', 'b', 5, 'keyed POST')], [])).toEqual(['twice got b']);
  });

  it('know a 408 as a hang-up, and an answer of 503 that B did not execute as nothing lost', () => {
    expect(find([], [answered('got', 'a', 1, 408), answered('got', 'b', 2, 503)])).toEqual(['hang-up got a']);
  });

  it('are no other errors, and no replay that failed', () => {
    const replayed: HistoryRecord = { type: 'replayed', client: 'got', id: 'd', atMs: 3, reason: 'keyed', ok: false };
    expect(find([], [failed('got', 'a', 1, false), replayed])).toEqual([]);
  });
});
