import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Summary } from './summary.js';
import { summarySchema } from './summary-schema.js';

/** A run's folder: `summary.json`, and `rounds/ID/{history,ledger}.ndjson`. */
export interface Store {
  readonly directory: string;
  /** For what need not be kept. */
  readonly scratch: string;
  roundDirectory(id: string): string;
  /** Writes the summary whole, or not at all: a lab that is killed leaves that of the round before. */
  save(summary: Summary): void;
  close(): void;
}

/**
 * Makes a run's folder.
 *
 * @throws Error if there is one already: a run is never overwritten.
 */
export function openStore(directory: string): Store {
  try {
    mkdirSync(directory, { recursive: true });
    mkdirSync(join(directory, 'rounds'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(`${directory} holds a run already, expected a new folder: choose another --out`, { cause: error });
  }
  const scratch = mkdtempSync(join(tmpdir(), 'holdline-lab-'));
  return {
    directory,
    scratch,
    roundDirectory: (id) => join(directory, 'rounds', id),
    save(summary) {
      const path = join(directory, 'summary.json');
      writeFileSync(`${path}.part`, `${JSON.stringify(summary, undefined, 2)}\n`);
      renameSync(`${path}.part`, path);
    },
    close: () => rmSync(scratch, { recursive: true, force: true }),
  };
}

/**
 * Reads a run's summary.
 *
 * @throws Error that names the file, and what in it is not as it has to be.
 */
export function readSummary(directory: string): Summary {
  const path = join(directory, 'summary.json');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}, expected the folder of a run of the lab`, { cause: error });
  }
  const parsed = v.safeParse(summarySchema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(`${path}: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
}
