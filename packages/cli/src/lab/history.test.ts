import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHistory, readHistory, readLedger } from './history.js';
import type { HistoryRecord } from './records.js';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'holdline-history-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const deed = (atMs: number): HistoryRecord => ({ type: 'fault', atMs, deed: 'restart' });

test('a record is on its way to the disk when it is recorded, and read in the order of its time', () => {
  const path = join(directory, 'history.ndjson');
  const history = openHistory(path);
  history.record(deed(2));
  expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(deed(2))}\n`);
  history.record(deed(1));
  expect(readHistory(path)).toEqual([deed(1), deed(2)]);
  history.close();
  history.record(deed(3));
  expect(readHistory(path)).toHaveLength(2);
});

test('a half-written last line is dropped, and a ledger that was never begun is empty', () => {
  const path = join(directory, 'history.ndjson');
  const history = openHistory(path);
  history.record(deed(1));
  history.close();
  appendFileSync(path, '{"type":"faul');
  expect(readHistory(path)).toEqual([deed(1)]);
  expect(readLedger(join(directory, 'ledger.ndjson'))).toEqual([]);
});
