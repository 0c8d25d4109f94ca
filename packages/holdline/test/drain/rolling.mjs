// Two instances of B behind a real proxy are restarted in turn, under load. On loopback, for it is the order of things that
// is tried here. Needs haproxy and nginx:
//   node packages/holdline/test/drain/rolling.mjs [--restarts 20] [--proxies haproxy,nginx] [--ways drain,close()] [--rate 500]
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { searchPath } from '../packets/needs.mjs';

const { values } = parseArgs({
  options: {
    restarts: { type: 'string', default: '20' },
    proxies: { type: 'string', default: 'haproxy,nginx' },
    ways: { type: 'string', default: 'drain,close()' },
    rate: { type: 'string', default: '500' },
  },
});
/** Below those that the system gives to clients. */
const PORT = 21_000 + (process.pid % 1_000) * 3;
const B = [PORT + 1, PORT + 2];
/** The proxies' pools keep a connection for a second. */
const OPTIONS = {
  keepAliveTimeoutMs: 2_000,
  keepAliveBufferMs: 500,
  clientIdleMs: 1_000,
  lingerMs: 1_000,
  noticeMs: 600,
};
const env = { ...process.env, PATH: searchPath };
const dir = mkdtempSync(join(tmpdir(), 'holdline-rolling-'));
const children = new Set();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(dir, { recursive: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const proxies = {
  haproxy: () => {
    const path = join(dir, 'haproxy.cfg');
    writeFileSync(
      path,
      `defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
  timeout check 2s
  retries 2
  option redispatch 1
frontend a
  bind 127.0.0.1:${PORT}
  default_backend b
backend b
  option httpchk GET /readyz
  default-server check inter 100ms fall 2 rise 2 pool-purge-delay 1s
${B.map((port) => `  server b${port} 127.0.0.1:${port}\n`).join('')}`,
    );
    return ['haproxy', ['-db', '-f', path]];
  },
  nginx: () => {
    const path = join(dir, 'nginx.conf');
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    writeFileSync(
      path,
      `daemon off; master_process off; worker_processes 1; pid ${dir}/nginx.pid; error_log ${dir}/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000;
  ${temporary.map((name) => `${name}_temp_path ${dir}/${name};`).join(' ')}
  upstream b { ${B.map((port) => `server 127.0.0.1:${port} fail_timeout=1s;`).join(' ')} keepalive 64; keepalive_timeout 1s; }
  server {
    listen 127.0.0.1:${PORT};
    location / { proxy_pass http://b; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}`,
    );
    return ['nginx', ['-c', path, '-e', join(dir, 'error.log')]];
  },
};

const say = (...cells) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
say('proxy', 'ended by', 'restarts', 'requests', 'failed', 'restarts that cut something', 'slowest');
say('---', '---', '---', '---', '---', '---', '---');
let failedWithDrain = 0;
for (const proxy of values.proxies.split(',')) {
  for (const way of values.ways.split(',')) {
    const got = await run(proxy, way);
    if (way === 'drain') failedWithDrain += got.failed.length;
    const { restarts, requests, failed, cut, slowestMs } = got;
    say(proxy, way, restarts, requests, failed.length, cut, `${(slowestMs / 1000).toFixed(1)} s`);
    if (failed.length > 0) process.stderr.write(`${JSON.stringify(countsOf(failed))}\n`);
  }
}
process.exit(failedWithDrain === 0 ? 0 : 1);

async function run(proxyName, way) {
  const running = new Map();
  for (const port of B) running.set(port, await startB(port, way));
  const [command, args] = proxies[proxyName]();
  const proxy = start(spawn(command, args, { env, stdio: 'ignore' }));
  await until(() => new Promise((resolve) => ask('GET', undefined, (failure) => resolve(failure === undefined))));
  const load = startLoad(Number(values.rate));
  const outcome = { restarts: Number(values.restarts), cut: 0, slowestMs: 0 };
  for (let i = 0; i < outcome.restarts; i++) {
    const port = B[i % 2];
    const old = running.get(port);
    const begunMs = performance.now();
    const gone = once(old, 'exit');
    old.kill('SIGTERM');
    const [code] = await gone;
    if (code !== 0) outcome.cut++;
    outcome.slowestMs = Math.max(outcome.slowestMs, performance.now() - begunMs);
    running.set(port, await startB(port, way));
    await sleep(1_500); // until the proxy uses it again
  }
  const { requests, failed } = await load.stop();
  for (const child of [...running.values(), proxy]) {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  return { ...outcome, requests, failed };
}

function start(child) {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function startB(port, way) {
  const program = fileURLToPath(new URL('rolling-b.mjs', import.meta.url));
  const child = start(
    fork(program, [String(port), way, JSON.stringify(OPTIONS)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
  );
  await once(child, 'message');
  return child;
}

/** Every other request is a POST, which no proxy repeats by itself. */
function startLoad(perSecond) {
  const failed = [];
  let requests = 0;
  let open = 0;
  const agent = new http.Agent({ keepAlive: true, timeout: 4_000 });
  const begunMs = performance.now();
  const timer = setInterval(() => {
    for (; requests < ((performance.now() - begunMs) / 1000) * perSecond; requests++) {
      open++;
      const done = (failure) => {
        open--;
        if (failure !== undefined) failed.push(failure);
      };
      ask(requests % 2 ? 'POST' : 'GET', agent, done);
    }
  }, 5);
  return {
    async stop() {
      clearInterval(timer);
      await until(() => open === 0);
      agent.destroy();
      return { requests, failed };
    },
  };
}

/** Calls back with what went wrong, if anything. */
function ask(method, agent, done) {
  const options = { host: '127.0.0.1', port: PORT, method, agent, headers: { 'Content-Length': 0 } };
  const request = http.request(options, (response) => {
    response
      .resume()
      .once('end', () => done(response.statusCode === 200 ? undefined : `${method} ${response.statusCode}`));
    response.once('error', (error) => done(`${method} ${error.code}`));
  });
  request.once('error', (error) => done(`${method} ${error.code}`));
  request.end();
}

async function until(holds) {
  while (!(await holds())) await sleep(20);
}

function countsOf(failed) {
  const counts = {};
  for (const what of failed) counts[what] = (counts[what] ?? 0) + 1;
  return counts;
}
