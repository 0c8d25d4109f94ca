// Starts B, in each of its kinds, in namespace b of a bench. Every kind ends in a ledger that our own code writes.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { addressB } from './bench.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const upstream = '127.0.0.1:4000';
// Debian's apache2 refuses to serve as root; the ledger behind it does not run as this user.
const modules = ['mpm_worker', 'authz_core', 'socache_shmcb', 'ssl', 'proxy', 'proxy_http'];

const nginx = ({ dir, ports, pem, idleLimitMs }) => `
daemon off; master_process off; worker_processes 1; worker_rlimit_nofile 20000;
pid ${dir}/nginx.pid; error_log ${dir}/nginx-error.log;
events { worker_connections 8192; }
http {
  access_log off; keepalive_timeout ${idleLimitMs}ms; keepalive_requests 1000000;
  client_body_temp_path ${dir}/nginx-body; proxy_temp_path ${dir}/nginx-proxy;
  fastcgi_temp_path ${dir}/nginx-f; uwsgi_temp_path ${dir}/nginx-u; scgi_temp_path ${dir}/nginx-s;
  ${pem ? `ssl_certificate ${pem}; ssl_certificate_key ${pem};` : ''}
  server {
    ${ports.map((port) => `listen ${addressB}:${port} ${pem ? 'ssl' : ''} backlog=4096;`).join(' ')}
    location / { proxy_pass http://${upstream}; }
  }
}`;

const haproxy = ({ ports, pem, idleLimitMs, mode = 'http', nolinger = false, reuseUpstream = false }) => `
global
  nbthread 1
  maxconn 8000
defaults
  mode ${mode}
  timeout connect 5s
  timeout client ${mode === 'http' ? '30s' : `${idleLimitMs}ms`}
  timeout server ${mode === 'http' ? '30s' : `${idleLimitMs * 2}ms`}
  ${mode === 'http' ? `timeout http-request 10s\n  timeout http-keep-alive ${idleLimitMs}ms` : ''}
  ${nolinger ? 'option nolinger' : ''}
frontend b
  ${ports.map((port) => `bind ${addressB}:${port} backlog 4096 ${pem ? `ssl crt ${pem}` : ''}`).join('\n  ')}
  default_backend executes
backend executes
  ${mode === 'http' && !reuseUpstream ? 'option http-server-close' : ''}
  server one ${upstream}
`;

const apache = ({ dir, ports, pem, idleLimitMs }) => `
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
ServerRoot ${dir}
ServerName b
User www-data
Group www-data
PidFile ${dir}/apache.pid
ErrorLog ${dir}/apache-error.log
ListenBacklog 4096
${ports.map((port) => `Listen ${addressB}:${port}`).join('\n')}
KeepAlive On
KeepAliveTimeout ${idleLimitMs}ms
MaxKeepAliveRequests 0
ServerLimit 1
StartServers 1
ThreadLimit 1200
ThreadsPerChild 1200
MaxRequestWorkers 1200
ProxyPass / http://${upstream}/ disablereuse=On
${pem ? `SSLEngine on\nSSLCertificateFile ${pem}\nSSLCertificateKeyFile ${pem}\nSSLSessionCache shmcb:${dir}/apache-ssl` : ''}
`;

function config(options, name, text) {
  const path = `${options.dir}/${name}`;
  writeFileSync(path, text(options));
  return path;
}

/** Node and Apache take a while to notice an idle connection; A measures what they really do before it aims. */
const ledgerServer = (bench, { ledger, node }, address, ports, keepAliveMs, pem = '', hardening = '') =>
  bench.start('b', node, [
    here('ledger-server.mjs'),
    ledger,
    address,
    ports.join(','),
    String(keepAliveMs),
    pem,
    hardening,
  ]);

/** Node 20 and later close a second after keepAliveTimeout, and a hardened server does, too. */
const nodeServer = (bench, o, hardening) => [
  ledgerServer(bench, o, addressB, o.ports, Math.max(1, o.idleLimitMs - 1000), o.pem, hardening),
];

const dying = (bench, { ledger, node, way, idleLimitMs }, listenOn, pem = '') =>
  bench.start('b', node, [here('dying-server.mjs'), ledger, listenOn, way, String(idleLimitMs), pem]);

const behind = (bench, options) => ledgerServer(bench, options, '127.0.0.1', [4000], 600_000);

/** Each takes `{ dir, ledger, node, ports, pem, idleLimitMs, way, … }` and returns the processes that it started. */
export const servers = {
  node: (bench, o) => nodeServer(bench, o),
  hardened: (bench, o) => nodeServer(bench, o, o.dist),
  nginx: (bench, o) => [
    behind(bench, o),
    bench.start('b', 'nginx', ['-p', o.dir, '-c', config(o, 'nginx.conf', nginx)]),
  ],
  haproxy: (bench, o) => [
    behind(bench, o),
    bench.start('b', 'haproxy', ['-db', '-f', config(o, 'haproxy.cfg', haproxy)]),
  ],
  apache: (bench, o) => [behind(bench, o), bench.start('b', 'apache2', ['-X', '-f', config(o, 'apache.conf', apache)])],
  dying: (bench, o) => [dying(bench, o, o.socketPath ?? `${addressB}:${o.ports[0]}`, o.pem)],
  python: (bench, o) => [
    bench.start('b', 'python3', [
      here('dying_server.py'),
      o.ledger,
      addressB,
      String(o.ports[0]),
      o.way,
      String(o.idleLimitMs),
    ]),
  ],
  // B is idle for longer than HAProxy: it is HAProxy's limit that A meets
  'haproxy-dying': (bench, o) => [
    dying(bench, { ...o, idleLimitMs: 600_000 }, upstream),
    bench.start('b', 'haproxy', ['-db', '-f', config({ ...o, reuseUpstream: true }, 'haproxy.cfg', haproxy)]),
  ],
};
