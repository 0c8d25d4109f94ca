import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Summary } from '../../summary.js';

/** Reads the summary of a run. Throws, with the remedy, where the folder holds none that a page can be made of. */
export async function readSummary(runDirectory: string): Promise<Summary> {
  const path = join(runDirectory, 'summary.json');
  const summary = parse(await read(path), path);
  for (const { id } of summary.rounds) {
    // A round's id is the name of a folder in the run's: a run from elsewhere must not point out of it.
    if (id === '' || id === '.' || id === '..' || basename(id) !== id || id.includes('\\')) {
      throw new Error(`${path}: the round id ${JSON.stringify(id)} is no name of a folder.`);
    }
  }
  return summary;
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new Error(`${path} is not there: give the folder of a run, as \`holdline lab run\` names it at its end.`, {
      cause: error,
    });
  }
}

function parse(text: string, path: string): Summary {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is no JSON: ${(error as Error).message}.`, { cause: error });
  }
  const { format, rounds } = (value ?? {}) as { format?: unknown; rounds?: unknown };
  if (format !== 1 || !Array.isArray(rounds)) {
    throw new Error(
      `${path}: expected a run's summary of format 1, found format ${JSON.stringify(format)}. ` +
        'A newer run needs the @holdline/cli that made it.',
    );
  }
  return value as Summary;
}
