import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answer, listen, onRequests, type Running, serveRaw } from '../support.js';
import { CURED, fixtures, HUNG_UP, hangUpOnReuse, REGISTER, run, serveBothVersions } from './running.js';

const program = join(import.meta.dirname, 'program.cjs');
const GLOBAL = 'the global agent';

async function serveSecurely(): Promise<Running> {
  const server = tls.createServer(
    { key: readFileSync(join(fixtures, 'server.key')), cert: readFileSync(join(fixtures, 'server.crt')) },
    (socket) => {
      socket.on('error', () => {});
      hangUpOnReuse(socket);
    },
  );
  return listen(server, 'https:');
}

describe('a program that is started with --import holdline/register is cured of hang-ups by', () => {
  const ways = [
    GLOBAL,
    'an agent that keeps connections',
    'an agent that was made without new',
    'an agent of a constructor that calls http.Agent',
    'an agent of a class that makes its connections by super',
    'a worker',
    'a process that it forked',
    'the built-in fetch',
    'the built-in fetch, though something else of its was used first',
  ];
  for (const way of ways) {
    test(way, async () => {
      const b = await serveRaw(hangUpOnReuse);
      expect(await run([program, way, b.origin], {}), 'bare').toMatchObject({ stdout: HUNG_UP });
      expect(await run([program, way, b.origin], { flags: REGISTER })).toEqual({ code: 0, stdout: CURED, stderr: '' });
    });
  }

  for (const way of [
    GLOBAL,
    'an agent that keeps connections',
    'an agent of a class that makes its connections by super',
    'the built-in fetch',
  ]) {
    test(`${way}, over TLS`, async () => {
      const b = await serveSecurely();
      expect(await run([program, way, b.origin], {}), 'bare').toMatchObject({ stdout: HUNG_UP });
      expect(await run([program, way, b.origin], { flags: REGISTER })).toEqual({ code: 0, stdout: CURED, stderr: '' });
    });
  }

  for (const way of ['an agent that was there before Holdline', 'the built-in fetch that was there before Holdline']) {
    test(way, async () => {
      const b = await serveRaw(hangUpOnReuse);
      expect(await run([program, way, b.origin], {})).toEqual({ code: 0, stdout: CURED, stderr: '' });
    });
  }

  test('an agent of a program that is started with --require', async () => {
    const b = await serveRaw(hangUpOnReuse);
    const ended = await run([program, GLOBAL, b.origin], { flags: ['--require', 'holdline/register'] });
    expect(ended).toEqual({ code: 0, stdout: CURED, stderr: '' });
  });
});

describe('under holdline/register', () => {
  test('an agent that keeps no connections is left as it is', async () => {
    const b = await serveRaw(hangUpOnReuse);
    const ended = await run([program, 'an agent that keeps no connections', b.origin], { flags: REGISTER });
    expect(ended).toEqual({ code: 0, stdout: CURED, stderr: '' });
    expect(b.accepted).toHaveLength(3);
  });

  test('a program ends by itself as before, with its own exit code', async () => {
    const b = await serveRaw((socket) => onRequests(socket, () => socket.write(answer('ok'))));
    const ends = `require('http').get('${b.origin}', (response) => response.resume()); process.exitCode = 3;`;
    expect(await run(['-e', ends], { flags: REGISTER })).toEqual({ code: 3, stdout: '', stderr: '' });
  });

  test('the built-in fetch speaks the version of HTTP that it spoke before', async () => {
    const b = await serveBothVersions();
    const asks = `fetch('${b.origin}').then((response) => response.text()).then((text) => {
      console.log(text);
      process.exit();
    });`;
    const bare = await run(['-e', asks], {});
    expect(bare.stdout).toMatch(/^(1\.1|2\.0)$/);
    expect(await run(['-e', asks], { flags: REGISTER })).toEqual(bare);
  });

  test('twice is once', async () => {
    const b = await serveRaw(hangUpOnReuse);
    const ended = await run([program, GLOBAL, b.origin], { flags: [...REGISTER, '--require', 'holdline/register'] });
    expect(ended).toEqual({ code: 0, stdout: CURED, stderr: '' });
  });

  test('a program may ask what happened, and change the mode', async () => {
    const b = await serveRaw(hangUpOnReuse);
    const asks = `
      const { counts, setMode } = require('holdline/register');
      const ask = () => new Promise((done) => require('http').get('${b.origin}', (response) => {
        response.resume().on('end', () => setImmediate(done, 'ok'));
      }).on('error', (error) => done(error.code)));
      (async () => {
        await ask();
        await ask();
        const { replays } = counts();
        setMode('off');
        await ask();
        console.log(replays, await ask(), counts().requests);
      })();`;
    const ended = await run(['-e', asks], { flags: REGISTER });
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^1 (ok|ECONNRESET) [23]$/) });
  });
});

describe('the settings of holdline/register', () => {
  /** A directory with a config file, and one below it. */
  function configured(settings: string): string {
    const directory = mkdtempSync(join(tmpdir(), 'holdline-config-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, 'holdline.config.json'), settings);
    const below = join(directory, 'app');
    mkdirSync(below);
    return below;
  }

  const register = import.meta.resolve('holdline/register');
  const flags = ['--import', register];

  test('come from the environment', async () => {
    const b = await serveRaw(hangUpOnReuse);
    const ended = await run([program, GLOBAL, b.origin], { flags, env: { HOLDLINE_REPLAY: 'never' } });
    expect(ended).toMatchObject({ code: 0, stdout: HUNG_UP });
  });

  test('come from holdline.config.json in the working directory or above it, and the environment stands before it', async () => {
    const b = await serveRaw(hangUpOnReuse);
    const cwd = configured('{ "replay": "never" }');
    expect(await run([program, GLOBAL, b.origin], { flags, cwd })).toMatchObject({ stdout: HUNG_UP });
    const ended = await run([program, GLOBAL, b.origin], { flags, cwd, env: { HOLDLINE_REPLAY: 'safe' } });
    expect(ended).toMatchObject({ code: 0, stdout: CURED });
  });

  const bad = [
    [
      'a value that is not allowed',
      { HOLDLINE_MAX_IDLE_MS: '3s' },
      /in HOLDLINE_MAX_IDLE_MS: maxIdleMs is '3s'; expected ms/,
    ],
    [
      'a variable that is misspelt',
      { HOLDLINE_MAX_IDLE: '3' },
      /HOLDLINE_MAX_IDLE is '3'; expected only HOLDLINE_MODE/,
    ],
    ['a mode that there is not', { HOLDLINE: 'yes' }, /HOLDLINE \(environment\) is 'yes'; expected 'on'/],
    ['JSON that is none', { HOLDLINE_ORIGINS: '{' }, /in HOLDLINE_ORIGINS: .*JSON/],
  ] as const;
  for (const [what, env, complaint] of bad) {
    test(`${what}: the program is warned and runs without Holdline`, async () => {
      const b = await serveRaw(hangUpOnReuse);
      const ended = await run([program, GLOBAL, b.origin], { flags, env });
      expect(ended).toMatchObject({ code: 0, stdout: HUNG_UP, stderr: expect.stringMatching(complaint) });
      expect(ended.stderr).toMatch(/HOLDLINE_BAD_SETTING.*runs without Holdline/);
    });
  }

  test('in a file that are not allowed are told with the file', async () => {
    const b = await serveRaw(hangUpOnReuse);
    const cwd = configured('{ "maxIdle": 3 }');
    const ended = await run([program, GLOBAL, b.origin], { flags, cwd });
    expect(ended).toMatchObject({ code: 0, stdout: HUNG_UP });
    expect(ended.stderr).toMatch(/in .*holdline\.config\.json: maxIdle is 3; expected only mode, maxIdleMs/);
  });

  test('end the program with 78 where they are bad and HOLDLINE_STRICT is 1', async () => {
    const env = { HOLDLINE_MAX_IDLE_MS: '3s', HOLDLINE_STRICT: '1' };
    const ended = await run([program, GLOBAL, 'http://127.0.0.1:1'], { flags, env });
    expect(ended).toMatchObject({ code: 78, stdout: '', stderr: expect.stringContaining('maxIdleMs is') });
  });
});
