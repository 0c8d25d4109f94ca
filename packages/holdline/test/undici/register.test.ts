// Undicis in a program that is not edited.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CURED, HUNG_UP, hangUpOnReuse, REGISTER, run, serveBothVersions } from '../sockets/register/running.js';
import { serveRaw } from '../sockets/support.js';
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
});
