import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Entry, openLedger, parseLedger, readLedger } from './ledger.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdline-ledger-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const entry: Entry = { event: 'executed', arm: 'one', atMs: 1.5, id: '0-1', kind: 'keyed POST' };

test('an entry can be read as soon as it was appended, before the ledger is closed', () => {
  const path = join(directory, 'ledger.jsonl');
  const ledger = openLedger(path);
  ledger.append({ event: 'connected', arm: 'one', atMs: 1 });
  ledger.append(entry);
  expect(readLedger(path)).toEqual([{ event: 'connected', arm: 'one', atMs: 1 }, entry]);
  ledger.close();
});

test('a half-written last line, as a killed process leaves it, is dropped', () => {
  const line = JSON.stringify(entry);
  expect(parseLedger(`${line}\n${line.slice(0, 20)}`)).toEqual([entry]);
  expect(parseLedger('')).toEqual([]);
});
