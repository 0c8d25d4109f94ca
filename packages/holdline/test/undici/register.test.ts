// Undicis in a program that is not edited.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CURED, HUNG_UP, hangUpOnReuse, REGISTER, run, serveBothVersions } from '../sockets/register/running.js';
import { serveHttp, serveRaw } from '../sockets/support.js';
import { undicis } from './support.js';

const program = join(import.meta.dirname, 'register-program.cjs');
const ALL_CURED = [CURED, CURED, CURED].join('\n');

describe.each(undicis)('under holdline/register, the request, fetch and Pool of undici $major', ({ major }) => {
  const name = `undici-${major}`;

  for (const [way, loaded] of [
    ['require', 'loaded by require'],
    ['import', 'loaded by import'],
  ] as const) {
    test(`are cured of hang-ups where it is ${loaded}`, async () => {
      const b = await serveRaw(hangUpOnReuse);
      expect(await run([program, way, name, b.origin], {}), 'bare').toMatchObject({
        stdout: expect.stringContaining(HUNG_UP),
      });
      const ended = await run([program, way, name, b.origin], { flags: REGISTER });
      expect(ended).toEqual({ code: 0, stdout: ALL_CURED, stderr: '' });
    });
  }

  test('speak the version of HTTP that they spoke before', async () => {
    const b = await serveBothVersions();
    const asks = `require('${name}').request('${b.origin}').then(({ body }) => body.text()).then((text) => {
      console.log(text);
      process.exit();
    });`;
    const options = { cwd: import.meta.dirname };
    const bare = await run(['-e', asks], options);
    expect(bare.stdout).toMatch(/^(1\.1|2\.0)$/);
    expect(await run(['-e', asks], { ...options, flags: REGISTER })).toEqual(bare);
  });

  test('are cured where it was there before Holdline', async () => {
    const b = await serveRaw(hangUpOnReuse);
    const ended = await run([program, 'before', name, b.origin], {});
    expect(ended).toEqual({ code: 0, stdout: ALL_CURED, stderr: '' });
  });

  test('of a copy that is not where it is looked for, as in a bundle, leave the built-in fetch cured', async () => {
    const b = await serveRaw(hangUpOnReuse);
    const folder = mkdtempSync(join(tmpdir(), 'holdline-bundle-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    cpSync(join(import.meta.dirname, 'node_modules', name), join(folder, 'bundle'), { recursive: true });
    const asks = `require(${JSON.stringify(join(folder, 'bundle'))});
      const ask = () => fetch('${b.origin}').then((response) => response.text().then(() => response.status));
      const twice = async () => [await ask(), await new Promise((free) => setImmediate(free, 'then')), await ask()];
      twice().catch((error) => error.cause.code).then((outcome) => {
        console.log(String(outcome));
        process.exit();
      });`;
    expect((await run(['-e', asks], {})).stdout, 'bare').toBe('UND_ERR_SOCKET');
    expect(await run(['-e', asks], { flags: REGISTER })).toEqual({ code: 0, stdout: '200,then,200', stderr: '' });
  });

  test.each([
    ['an Agent', 'new Agent()', '3'],
    ["an Agent with Holdline's own connector", 'new Agent({ connect: connector() })', '0'],
    ["Holdline's own dispatcher", 'dispatcher()', '0'],
  ])('set as the dispatcher of all, %s has Lines once', async (_, made, counted) => {
    const b = await serveHttp((_asked, response) => response.end('ok'));
    const asks = `const { Agent, setGlobalDispatcher } = require('${name}');
      const { connector, dispatcher } = require('holdline/undici');
      const { counts } = require('holdline/register');
      setGlobalDispatcher(${made.replace('dispatcher()', `dispatcher({}, require('${name}'))`)});
      const ask = () => fetch('${b.origin}').then((response) => response.text());
      ask().then(ask).then(ask).then(() => {
        console.log(counts().requests);
        process.exit();
      });`;
    const ended = await run(['-e', asks], { flags: REGISTER, cwd: import.meta.dirname });
    expect(ended).toEqual({ code: 0, stdout: counted, stderr: '' });
  });
});
