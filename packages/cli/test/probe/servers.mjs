// Starts each server of the table in namespace b of a bench. Every one answers by itself, on a port of its own.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addressB } from '../../../holdline/test/packets/bench.mjs';
import { searchPath } from '../../../holdline/test/packets/needs.mjs';

const here = (name) => fileURLToPath(new URL(`servers/${name}`, import.meta.url));

const nginx = ({ dir, port, limitMs, hintS, requests, pem }) => `
daemon off; master_process off; worker_processes 1; worker_rlimit_nofile 20000;
pid ${dir}/nginx.pid; error_log ${dir}/nginx-error.log;
events { worker_connections 8192; }
http {
  access_log off; keepalive_timeout ${limitMs}ms ${hintS ? `${hintS}s` : ''}; keepalive_requests ${requests ?? 1_000_000};
  client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi; uwsgi_temp_path ${dir}/uwsgi; scgi_temp_path ${dir}/scgi;
  ${pem ? `ssl_certificate ${pem}; ssl_certificate_key ${pem};` : ''}
  server { listen ${addressB}:${port} ${pem ? 'ssl' : ''} backlog=4096; location / { return 200 ok; } }
}`;

const apache = ({ dir, port, limitMs }) => `
${['mpm_event', 'authz_core'].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
ServerRoot ${dir}
ServerName b
User www-data
Group www-data
PidFile ${dir}/apache.pid
ErrorLog ${dir}/apache-error.log
ListenBacklog 4096
Listen ${addressB}:${port}
KeepAlive On
KeepAliveTimeout ${limitMs}ms
MaxKeepAliveRequests 0
ServerLimit 1
StartServers 1
ThreadLimit 1200
ThreadsPerChild 1200
MaxRequestWorkers 1200
`;

const haproxyHead = `
global
  nbthread 1
  maxconn 8000
`;

const haproxyHttp = ({ port, limitMs, firstMs }) => `${haproxyHead}
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout http-request ${firstMs}ms
  timeout http-keep-alive ${limitMs}ms
frontend b
  bind ${addressB}:${port} backlog 4096
  http-request return status 200 content-type text/plain string ok
`;

const haproxyTcp = ({ port, limitMs, backends }) => `${haproxyHead}
defaults
  mode tcp
  timeout connect 5s
  timeout client ${limitMs}ms
  timeout server ${limitMs}ms
frontend b
  bind ${addressB}:${port} backlog 4096
  default_backend two
backend two
  balance roundrobin
  ${backends.map((backend, index) => `server s${index} 127.0.0.1:${backend}`).join('\n  ')}
`;

function config({ dir }, name, text) {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

const node = (bench, path, address, port, keepAliveMs, pem = '') =>
  bench.start('b', path, [here('node-server.mjs'), address, String(port), String(keepAliveMs), pem]);

const startHaproxy = (bench, o, text) => bench.start('b', 'haproxy', ['-db', '-f', config(o, 'haproxy.cfg', text)]);

/** Each takes `{ dir, port, limitMs, node, pem, … }` and starts its processes. */
export const servers = {
  node: (bench, o) => node(bench, o.node, addressB, o.port, o.limitMs ? o.limitMs - 1_000 : 0, o.pem),
  fastify: (bench, o) =>
    bench.start('b', o.node, [
      here('fastify-server.mjs'),
      addressB,
      String(o.port),
      String(o.limitMs ? o.limitMs - 1_000 : 0),
    ]),
  nginx: (bench, o) => bench.start('b', 'nginx', ['-p', o.dir, '-c', config(o, 'nginx.conf', nginx(o))]),
  apache: (bench, o) => bench.start('b', 'apache2', ['-X', '-f', config(o, 'apache.conf', apache(o))]),
  haproxy: (bench, o) => startHaproxy(bench, o, haproxyHttp(o)),
  'haproxy-tcp': (bench, o) => {
    node(bench, o.node, '127.0.0.1', o.port + 1, 600_000);
    startHaproxy(bench, o, haproxyTcp({ ...o, backends: [o.port + 1] }));
  },
  'two-backends': (bench, o) => {
    node(bench, o.node, '127.0.0.1', o.port + 1, o.limitMs - 1_000);
    node(bench, o.node, '127.0.0.1', o.port + 2, o.otherLimitMs - 1_000);
    startHaproxy(bench, o, haproxyTcp({ ...o, limitMs: 600_000, backends: [o.port + 1, o.port + 2] }));
  },
  gunicorn: (bench, o) => {
    // A connection without a request holds a thread of it.
    const options = ['-k', 'gthread', '--threads', '64', '--keep-alive', String(o.limitMs / 1_000)];
    const where = ['-b', `${addressB}:${o.port}`, '--pythonpath', here(''), '--worker-tmp-dir', o.dir];
    bench.start('b', 'gunicorn', [...options, ...where, 'wsgi:app']);
  },
  go: (bench, o) => {
    const binary = join(o.dir, 'server');
    execFileSync('go', ['build', '-o', binary, here('server.go')], {
      env: { ...process.env, PATH: searchPath, GOFLAGS: '-mod=mod' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    bench.start('b', binary, [`${addressB}:${o.port}`, String(o.limitMs)]);
  },
};
