import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Kind } from './workload.js';

/** One line of B's ledger. Times are of the machine's monotonic clock, in ms. */
export type Entry =
  | { readonly event: 'connected'; readonly arm: string; readonly atMs: number }
  | {
      readonly event: 'executed';
      readonly arm: string;
      readonly atMs: number;
      readonly id: string;
      readonly kind: Kind;
    };

/** B's ledger, to be written to. */
export interface Ledger {
  append(entry: Entry): void;
  close(): void;
}

/**
 * Opens a ledger for appending. An entry is in the kernel's hands when `append` returns: a process that dies right
 * after it loses nothing.
 */
export function openLedger(path: string): Ledger {
  const file = openSync(path, 'a');
  return {
    append: (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`),
    close: () => closeSync(file),
  };
}

/** Reads what a ledger holds. A half-written last line, as a killed process may leave, is dropped. */
export function readLedger(path: string): Entry[] {
  return parseLedger(readFileSync(path, 'utf8'));
}

/** Parses a ledger's text; see {@link readLedger}. */
export function parseLedger(text: string): Entry[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);
}
