import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeReport } from '../../../src/lab/report/index.js';
import type { Summary } from '../../../src/lab/summary.js';
import { forgeRun, largeForgery } from '../../support/forged-run.js';

// The page as people have it: opened from a file, in a real browser.

const executablePath = process.env['HOLDLINE_CHROMIUM'] ?? '/usr/bin/chromium';
/** Where to leave pictures of the page, for people to look at. */
const pictures = process.env['HOLDLINE_PICTURES'];

const noBrowser = !existsSync(executablePath);
const REASON = `there is no ${executablePath}: apt-get install chromium, or state one as HOLDLINE_CHROMIUM=/path/to/chromium`;

describe('the page of a run, in a browser', () => {
  let directory: string;
  let summary: Summary;
  let address: string;
  let browser: Browser;

  beforeAll(async () => {
    if (noBrowser) return;
    directory = await mkdtemp(join(tmpdir(), 'holdline-report-'));
    summary = await forgeRun(directory, { ...largeForgery, wrongs: { 7: 'twice', 9: 'lost' } });
    address = pathToFileURL(await writeReport(directory)).href;
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser?.close();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  });

  beforeEach((context) => context.skip(noBrowser, REASON));

  /** Opens the page, hands it over, and closes it; what it complained of, or asked the network for, fails the test. */
  async function opened(
    width: number,
    colorScheme: 'light' | 'dark',
    look: (page: Page) => Promise<void>,
  ): Promise<void> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (request.url() !== address) complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(address);
    await look(page);
    await page.close();
    expect(complaints).toEqual([]);
  }

  for (const width of [1280, 400]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`is as wide as its window: ${width} px, ${colorScheme}`, async () => {
        await opened(width, colorScheme, async (page) => {
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
          if (pictures !== undefined) await takePictures(page, join(pictures, `${width}-${colorScheme}`));
        });
      });
    }
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
}
