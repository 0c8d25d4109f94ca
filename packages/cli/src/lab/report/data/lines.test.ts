import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRecords } from './lines.js';

describe('a file of records', () => {
  let directory: string;
  let path: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'holdline-lines-'));
    path = join(directory, 'history.ndjson');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function read(text: string) {
    await writeFile(path, text);
    const records: unknown[] = [];
    return { ...(await readRecords(path, (record) => records.push(record))), records };
  }

  it('is read whole, also where a message holds what other readers take for the end of a line', async () => {
    const message = 'one\u2028two\u2029three\rfour';
    const { records, cut } = await read(`${JSON.stringify({ message })}\n{"next":1}\n`);
    expect(records).toEqual([{ message }, { next: 1 }]);
    expect(cut).toBe(false);
  });

  it('may end amid a line, and says so', async () => {
    expect(await read('{"a":1}\n{"a":2')).toEqual({ found: true, cut: true, records: [{ a: 1 }] });
  });

  it('may be missing, and says so', async () => {
    expect(await readRecords(join(directory, 'no'), () => {})).toEqual({ found: false, cut: false });
  });

  it('names the line that is no JSON', async () => {
    await expect(read('{"a":1}\nhello\n{"a":2}\n')).rejects.toThrow(
      /history\.ndjson:2: expected one JSON object, found "hello"/,
    );
  });
});
