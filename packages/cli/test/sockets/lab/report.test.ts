import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeReport } from '../../../src/lab/report/index.js';
import { forgeRun, largeForgery } from '../../support/forged-run.js';

// The page as people have it: opened from a file, in a real browser.

const executablePath = process.env['HOLDLINE_CHROMIUM'] ?? '/usr/bin/chromium';
/** Where to leave pictures of the page, for people to look at. */
const pictures = process.env['HOLDLINE_PICTURES'];

/** What is published of the report: a process of its own runs it. */
const dist = new URL('../../../dist/lab/report/index.js', import.meta.url).href;
const noBrowser = !existsSync(executablePath);
const REASON = `there is no ${executablePath}: apt-get install chromium, or state one as HOLDLINE_CHROMIUM=/path/to/chromium`;

describe('the page of a run, in a browser', () => {
  let directory: string;
  let address: string;
  let browser: Browser;
  const pages = new Map<string, Page>();
  const complaints: string[] = [];

  beforeAll(async () => {
    if (noBrowser) return;
    directory = await mkdtemp(join(tmpdir(), 'holdline-report-'));
    await forgeRun(directory, { ...largeForgery, wrongs: { 7: 'twice', 9: 'lost' } });
    address = pathToFileURL(await writeReport(directory)).href;
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser?.close();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  });

  beforeEach((context) => context.skip(noBrowser, REASON));

  /** The page in a window of its own, opened once. */
  async function opened(width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const key = `${width} ${colorScheme}`;
    const known = pages.get(key);
    if (known !== undefined) return known;
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    pages.set(key, page);
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(address)) complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(address);
    return page;
  }

  for (const width of [1280, 400]) {
    // The dark one differs in colours alone: that is for people to see.
    for (const colorScheme of pictures === undefined ? (['light'] as const) : (['light', 'dark'] as const)) {
      it(`is as wide as its window: ${width} px, ${colorScheme}`, async () => {
        const page = await opened(width, colorScheme);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        const matrix = page.getByRole('region', { name: 'Clients by faults' });
        expect(await matrix.evaluate((region) => region.scrollWidth > region.clientWidth)).toBe(true);
        if (pictures !== undefined) await takePictures(page, join(pictures, `${width}-${colorScheme}`));
      });
    }
  }

  it('has a row for each client, a column for each fault, and says in words what colours say', async () => {
    const page = await opened(1280);
    const table = page.getByRole('table', { name: 'Clients by faults' });
    const headers = await table.getByRole('columnheader').allTextContents();
    expect(headers.slice(0, 3)).toEqual(['client', 'all', expect.stringContaining('idle-close-fin')]);
    expect(headers).toHaveLength(2 + largeForgery.faults.length);
    expect(await table.getByRole('rowheader').allTextContents()).toEqual(
      largeForgery.clients.flatMap((client) => [client, `${client} on Holdline`]),
    );
    const row = table.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'http-agent on Holdline' }) });
    const cells = await row.getByRole('button').allTextContents();
    expect(cells[0]).toBe('✕fail 0 of 241 twice, 1 lost');
    expect(cells).toHaveLength(largeForgery.faults.length);
  });

  it('keeps the client in sight while its table scrolls to the last fault', async () => {
    const page = await opened(400);
    const matrix = page.getByRole('region', { name: 'Clients by faults' });
    await matrix.evaluate((region) => region.scrollTo(9999, 9999));
    const left = await matrix.evaluate((region) => region.getBoundingClientRect().left);
    const header = await page.locator('.matrix th.client').last().boundingBox();
    expect(Math.abs((header?.x ?? 0) - left)).toBeLessThan(3);
    await expect(page.locator('.matrix td button').last().isVisible()).resolves.toBe(true);
  });

  it('shows a cell’s details by a click, and closes them by Escape', async () => {
    const page = await opened(1280);
    const details = page.getByRole('dialog', { name: 'http-agent on Holdline' });
    await page.locator('.matrix td.counts button').click();
    await details.waitFor({ state: 'visible' });
    expect(await details.textContent()).toContain('1 × POST executed twice');
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'hidden' });
  });

  it('needs no mouse: a cell opens by Enter, its words are links, and the focus returns to it', async () => {
    const page = await opened(1280);
    const cell = page.locator('.matrix td.counts button');
    await cell.focus();
    await page.keyboard.press('Enter');
    const close = page.getByRole('dialog').getByRole('button', { name: 'Close' });
    await close.waitFor({ state: 'visible' });
    expect(await close.evaluate((button) => button.matches(':focus'))).toBe(true);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe('#word-hang-up');
    await page.keyboard.press('Escape');
    expect(await cell.evaluate((button) => button.matches(':focus'))).toBe(true);
  });

  it('leads from a fault to its round, which opens', async () => {
    const page = await opened(1280);
    const index = largeForgery.faults.indexOf('crash-after');
    const round = page.locator(`#round-${index}`);
    expect(await round.isVisible()).toBe(false);
    await page.getByRole('link', { name: 'crash-after' }).press('Enter');
    await round.waitFor({ state: 'visible' });
  });

  it('has scales that stand over what they measure', async () => {
    const page = await opened(1280);
    for (const chart of await page.locator('details[open] table.chart:has(.axis)').all()) {
      const scale = await chart.locator('.axis').boundingBox();
      const drawn = await chart.locator('svg.drawn').first().boundingBox();
      expect([drawn?.x, drawn?.width]).toEqual([scale?.x, scale?.width]);
    }
    expect(await page.locator('details[open] figure svg').count()).toBeGreaterThanOrEqual(4);
  });

  it('fits on a sheet of A4, with the last fault', async () => {
    const page = await opened(1280);
    await page.setViewportSize({ width: 1047, height: 900 });
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1047);
    const last = await page.locator('.matrix thead th').last().boundingBox();
    expect((last?.x ?? 0) + (last?.width ?? 0)).toBeLessThanOrEqual(1047);
  });

  // The last one: it is about all that the tests above did, too.
  it('has nothing to complain of, and asks the network for nothing', async () => {
    await opened(1280);
    expect(complaints).toEqual([]);
  });
});

it('a long history is read in a small memory', async () => {
  // More text than the heap may hold, let alone the objects that it stands for.
  const directory = await mkdtemp(join(tmpdir(), 'holdline-report-'));
  try {
    await forgeRun(directory, { clients: ['got'], faults: ['none'], requests: 3 });
    const path = join(directory, 'rounds', '01-none', 'history.ndjson');
    const round = await readFile(path, 'utf8');
    for (let written = 0; written < 60; written += 1)
      await appendFile(path, round.repeat(Math.ceil(1e6 / round.length)));
    const render = `import(${JSON.stringify(dist)}).then((report) => report.writeReport(process.argv[1]))`;
    const child = promisify(execFile)(process.execPath, ['--max-old-space-size=40', '-e', render, directory]);
    await expect(child).resolves.toMatchObject({ stderr: '' });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

/** Leaves pictures of the page, for people to look at. */
async function takePictures(page: Page, path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await page.screenshot({ path: join(path, 'top.png') });
  await page.locator('section:has(#matrix)').screenshot({ path: join(path, 'matrix.png') });
  for (const [index, part] of (
    await page.locator('details[open] figure, details[open] .scrolls:has(.chart)').all()
  ).entries()) {
    await part.screenshot({ path: join(path, `part-${index}.png`) });
  }
  await page.locator('.matrix td.fail button').first().click();
  await page.screenshot({ path: join(path, 'cell.png') });
  await page.keyboard.press('Escape');
}
