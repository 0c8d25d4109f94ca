import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { parseLines } from './lines.js';
import type { HistoryRecord, LedgerEntry } from './records.js';
import type { Recorder } from './roles.js';

/** A round's history, to be written to. */
export interface HistoryWriter {
  readonly record: Recorder;
  /** What is recorded later is dropped: it belongs to no round. */
  close(): void;
}

/** Opens a history for appending. A record is in the kernel's hands when `record` returns: a killed lab loses none. */
export function openHistory(path: string): HistoryWriter {
  const file = openSync(path, 'a');
  let open = true;
  return {
    record(record) {
      if (open) writeSync(file, `${JSON.stringify(record)}\n`);
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}

/** Reads a history, in the order of its times. */
export function readHistory(path: string): HistoryRecord[] {
  return parseLines<HistoryRecord>(readFileSync(path, 'utf8')).sort((one, other) => one.atMs - other.atMs);
}

/** Reads what B wrote down; nothing if it never started to. */
export function readLedger(path: string): LedgerEntry[] {
  try {
    return parseLines<LedgerEntry>(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
