import { fdatasync, fdatasyncSync, ftruncateSync, openSync, readFileSync, write, writeSync } from 'node:fs';
import type { LedgerEntry } from '../../records.js';

/** B's ledger, as B writes it. */
export interface Ledger {
  /** Writes an entry down; calls back once the disk has it. */
  append(entry: LedgerEntry, onDisk?: () => void): void;
  /** Resolves once everything is on disk. */
  settled(): Promise<void>;
}

/**
 * Opens the ledger for appending. What comes while a write is on its way goes to disk together, in the next one: an
 * fsync for each entry would make B's answers wait in line for the disk.
 *
 * @returns The ledger, and what an earlier process left in it. A half-written last line, as a killed process may leave,
 * was never answered for: it is cut off.
 */
export function openLedger(path: string): { readonly ledger: Ledger; readonly before: readonly LedgerEntry[] } {
  const file = openSync(path, 'a+');
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf('\n') + 1;
  if (whole < bytes.length) ftruncateSync(file, whole);
  const before = parseLedger(bytes.toString('utf8', 0, whole));

  let waiting: { readonly line: string; readonly onDisk?: () => void }[] = [];
  let writing = false;
  const idle: (() => void)[] = [];
  const commit = () => {
    if (waiting.length === 0) {
      writing = false;
      for (const resolve of idle.splice(0)) resolve();
      return;
    }
    writing = true;
    const batch = waiting;
    waiting = [];
    const text = Buffer.from(batch.map(({ line }) => line).join(''));
    writeAll(file, text, () => {
      fdatasync(file, (error) => {
        if (error) throw error;
        for (const { onDisk } of batch) onDisk?.();
        commit();
      });
    });
  };
  const ledger: Ledger = {
    append(entry, onDisk) {
      waiting.push({ line: `${JSON.stringify(entry)}\n`, ...(onDisk && { onDisk }) });
      if (writing) return;
      writing = true;
      setImmediate(commit);
    },
    settled: () => new Promise((resolve) => (writing ? idle.push(resolve) : resolve())),
  };
  return { ledger, before };
}

/** A ledger that cannot be written must end B: it may answer for nothing. */
function writeAll(file: number, bytes: Buffer, then: () => void): void {
  write(file, bytes, (error, written) => {
    if (error) throw error;
    if (written === bytes.length) then();
    else writeAll(file, bytes.subarray(written), then);
  });
}

/** Parses a ledger's text, of whole lines. */
export function parseLedger(text: string): LedgerEntry[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerEntry);
}

/** What of a round was done already, kept in a file: it outlives the process that did it. */
export interface Done {
  /** True the first time; from then on, and in later processes, false. */
  first(name: string): boolean;
}

/** Opens the list of what was done. */
export function openDone(path: string): Done {
  const file = openSync(path, 'a+');
  const names = new Set(readFileSync(path, 'utf8').split('\n'));
  return {
    first(name) {
      if (names.has(name)) return false;
      names.add(name);
      writeSync(file, `${name}\n`);
      fdatasyncSync(file);
      return true;
    },
  };
}
