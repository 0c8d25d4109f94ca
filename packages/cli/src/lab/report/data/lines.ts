import { createReadStream } from 'node:fs';

/** What became of reading a file of lines. */
export interface LinesRead {
  /** False where there is no such file. */
  readonly found: boolean;
  /** Whether it ends amid a line, as where its writer was killed: that line was left out. */
  readonly cut: boolean;
}

/**
 * Hands over the records of a file that has one JSON object a line, one after another: only a piece of the file is in
 * memory at a time. A line that is no JSON is an error that names it; only an unended last one is passed over.
 */
export async function readRecords(path: string, take: (record: unknown) => void): Promise<LinesRead> {
  let rest = '';
  let number = 0;
  try {
    // By hand, for node:readline takes U+2028, which JSON leaves as it is in a message, for the end of a line.
    for await (const piece of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 18 })) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        number += 1;
        if (line !== '') take(parse(line, path, number));
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { found: false, cut: false };
    throw error;
  }
  return { found: true, cut: rest !== '' };
}

function parse(line: string, path: string, number: number): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    const start = line.length > 60 ? `${line.slice(0, 60)}…` : line;
    throw new Error(
      `${path}:${number}: expected one JSON object, found ${JSON.stringify(start)} (${(error as Error).message}). ` +
        'Was the file edited? Run the suite again for a whole one.',
      { cause: error },
    );
  }
}
