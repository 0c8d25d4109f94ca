import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { connector, dispatcher } from '../../src/undici/index.js';
import { until } from '../loopback.js';
import { serveHttp } from '../sockets/support.js';
import { PATIENT, undici7 } from './support.js';

const runtime = path.join(import.meta.dirname, '../..');

/** What a program prints that has Holdline installed, and an undici or none. */
async function outputOf(program: string, undici?: string): Promise<string> {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'holdline-undici-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // a copy: a link would lead back to where this repository has an undici
  for (const part of ['dist', 'package.json'])
    cpSync(path.join(runtime, part), path.join(folder, 'node_modules/holdline', part), { recursive: true });
  if (undici) {
    const own = path.join(import.meta.dirname, 'node_modules', undici);
    symlinkSync(own, path.join(folder, 'node_modules/undici'), 'junction');
  }
  const whole = `const { connector, dispatcher } = require('holdline/undici'); ${program}`;
  const child = spawn(process.execPath, ['-e', whole], { cwd: folder });
  const [out, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return out + complaints;
}

test('uses the undici of the program', async () => {
  const program = "console.log(dispatcher() instanceof require('undici').Agent)";
  expect(await outputOf(program, 'undici-7')).toBe('true\n');
});

test('says what to install where there is none, and a connector needs none', async () => {
  const program = 'connector(); console.log("made"); dispatcher()';
  expect(await outputOf(program)).toMatch(/^made\n[^]*npm install undici@7/);
});

test('undici keeps an idle connection as long as the Line would, and not longer than maxIdleMs', async () => {
  const b = await serveHttp((_, response) => response.setHeader('Keep-Alive', 'timeout=1').end('ok'));
  const times = async (options: object) => {
    const agent = dispatcher(options, undici7);
    onTestFinished(() => agent.destroy());
    const { body } = await agent.request({ origin: b.origin, path: '/', method: 'GET' });
    await body.text();
    const [started, socket] = [performance.now(), b.accepted.at(-1)];
    await new Promise((closed) => socket?.once('close', closed));
    return performance.now() - started;
  };
  // what the user says of the server goes before its hint, below which undici would not keep it at all
  const stated = { origins: { [b.origin]: { idleLimitMs: 1_500 } } };
  expect(await times({ ...stated, marginMs: 0 })).toBeGreaterThan(1_400);
  expect(await times({ ...stated, maxIdleMs: 300 })).toBeLessThan(1_000);
});

test('when the mode has the Lines do nothing, connections are kept as undici keeps them by itself', async () => {
  const b = await serveHttp((_, response) => response.setHeader('Keep-Alive', 'timeout=2').end('ok'));
  const agent = dispatcher(PATIENT, undici7);
  onTestFinished(() => agent.destroy());
  const ask = async () => (await agent.request({ origin: b.origin, path: '/', method: 'GET' })).body.text();
  const [opened] = await Promise.all([once(b.server, 'connection'), ask()]);
  expect(opened[0].destroyed).toBe(false);
  agent.setMode('observe');
  await ask(); // undici takes 2 s from the hint, so it does not keep it at all
  await until(() => b.accepted.every((socket) => socket.destroyed));
  expect(agent.counts().letGo).toBe(0);
});

test('a process with nothing else to do ends while connections are idle', async () => {
  const b = await serveHttp((_, response) => response.end('ok'));
  const program = `
    const agent = dispatcher({ unknownIdleLimitMs: 600_000, maxIdleMs: 600_000 });
    const started = Date.now();
    agent.request({ origin: '${b.origin}', path: '/', method: 'GET' }).then(({ body }) => body.text()).then(console.log);
    process.on('exit', () => console.log(Date.now() - started < 3_000));`;
  expect(await outputOf(program, 'undici-7')).toBe('ok\ntrue\n');
});

test('a bad option is told by its name', () => {
  expect(() => connector({ timeout: -1 })).toThrow('timeout is -1');
  expect(() => dispatcher({ connect: { maxCachedSessions: 0.5 } }, undici7)).toThrow('maxCachedSessions is 0.5');
  expect(() => dispatcher({ mode: 'of' as 'off' }, undici7)).toThrow("mode is 'of'");
  expect(() => connector({ connect: 7 as never })).toThrow('connect is 7');
  expect(() => dispatcher({}, {} as never)).toThrow('undici is {}');
});
