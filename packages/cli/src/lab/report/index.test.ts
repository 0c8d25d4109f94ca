import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Forgery, forgeRun } from '../../../test/support/forged-run.js';
import { renderReport, writeReport } from './index.js';

const small: Forgery = { clients: ['http-agent'], faults: ['idle-close-fin', 'reorder'], requests: 40 };

describe('the page of a run', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'holdline-report-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('lets nothing that a run wrote down become markup', async () => {
    const message = `<script>alert(1)</script><img src=x onerror="alert(2)">'"&`;
    const summary = await forgeRun(directory, { ...small, message });
    const hostile = JSON.stringify({
      ...summary,
      suite: message,
      commandLine: [message],
      versions: { [message]: message },
      machine: { platform: message, cpus: 2 },
      rounds: summary.rounds.map((round) => ({
        ...round,
        ...{ server: message, fault: message, workload: message },
        ...(round.skipped && { skipped: { what: message, remedy: message } }),
        cells: round.cells.map((cell) => ({
          ...cell,
          ...{ client: message + cell.client, title: message, reasons: [message] },
          ...(cell.findings && {
            findings: { ...cell.findings, ...{ surfacedBy: { [message]: 1 }, failedBy: { [message]: 1 } } },
          }),
        })),
      })),
    });
    const calm = await renderReport(directory);
    expect(calm).toContain('&lt;script&gt;alert(1)');
    await writeFile(join(directory, 'summary.json'), hostile);
    for (const text of [calm, await renderReport(directory)]) {
      expect(text.match(/<script|<img/gi)).toBeNull();
      // No quote of the message ends an attribute: without their values, no tag has one of the message's.
      expect(text.replace(/"[^"]*"/g, '""').match(/<[^<>]*\sonerror=/g)).toBeNull();
    }
  });

  it('forbids itself scripts and the network, and has neither', async () => {
    await forgeRun(directory, small);
    const text = await renderReport(directory);
    expect(text).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`,
    );
    expect(text).not.toMatch(/\s(src|srcset|action|onclick|onload)=|url\(|@import|<link/);
    expect([...text.matchAll(/href="([^"]*)"/g)].filter(([, to]) => !to?.startsWith('#'))).toEqual([]);
  });

  it('has every anchor and every cell’s details that it leads to, each once', async () => {
    await forgeRun(directory, small);
    const text = await renderReport(directory);
    const ids = [...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id ?? '');
    const wanted = [...text.matchAll(/(?:href="#|popovertarget="|labelledby=")([^"]*)"/g)].map(([, id]) => id ?? '');
    expect(ids).toHaveLength(new Set(ids).size);
    expect(wanted.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('says how to run it again, with its seed', async () => {
    const summary = await forgeRun(directory, { ...small, seed: 42 });
    expect(await renderReport(directory)).toContain('holdline lab run matrix --seed 42<');
    const commandLine = ['holdline', 'lab', 'run', 'my suite.yaml', '--seed', '42'];
    await writeFile(join(directory, 'summary.json'), JSON.stringify({ ...summary, commandLine }));
    expect(await renderReport(directory)).toContain('holdline lab run &#39;my suite.yaml&#39; --seed 42<');
  });

  it('draws the first executed twice and the first lost', async () => {
    await forgeRun(directory, { ...small, wrongs: { 7: 'twice', 9: 'lost' } });
    const text = await renderReport(directory);
    expect(text).toContain('First executed twice: http-agent on Holdline.');
    expect(text).toMatch(/The POST r-7 was answered with 200 .* B executed it twice, at 11 and 16 ms\./);
    expect(text).toMatch(/First lost: http-agent on Holdline\.<\/b> The GET r-9 .* B’s ledger does not have it\./);
  });

  it('can be made of a summary alone, and says what is missing', async () => {
    await forgeRun(directory, small);
    await rm(join(directory, 'rounds'), { recursive: true });
    const text = await renderReport(directory);
    expect(text).toContain('There is no history.ndjson, so what is drawn from it is left out.');
    expect(text).toContain('Clients × faults');
  });

  it('is written beside its run, or where one says', async () => {
    await forgeRun(directory, small);
    expect(await writeReport(directory)).toBe(join(directory, 'report.html'));
    const elsewhere = join(directory, 'page.html');
    expect(await writeReport(directory, elsewhere)).toBe(elsewhere);
    expect(await readFile(elsewhere, 'utf8')).toMatch(/^<!doctype html>/);
  });

  it('is refused where there is no run', async () => {
    await expect(renderReport(join(directory, 'no'))).rejects.toThrow(/summary\.json: .*expected the folder of a run/);
  });

  it('does not leave the folder of its run', async () => {
    const summary = await forgeRun(directory, small);
    const rounds = summary.rounds.map((round) => ({ ...round, id: '../elsewhere' }));
    await writeFile(join(directory, 'summary.json'), JSON.stringify({ ...summary, rounds }));
    await expect(renderReport(directory)).rejects.toThrow('rounds.0.id: expected the name of a folder');
  });
});
