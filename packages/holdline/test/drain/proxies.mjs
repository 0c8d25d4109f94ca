// HAProxy and nginx before two instances of B. Their pools let go of an idle connection before B does. Each has a front for
// each of A's clients: `fronts` are `{ port, idleMs }`, how long an idle connection of A's is kept there.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const haproxy = ({ dir, fronts, backends, poolIdleMs }) => {
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
${fronts
  .map(
    ({ port, idleMs }) => `frontend a${port}
  bind 127.0.0.1:${port}
  timeout http-keep-alive ${idleMs}ms
  default_backend b
`,
  )
  .join('')}backend b
  option httpchk GET /readyz
  default-server check inter 100ms fall 2 rise 1 pool-purge-delay ${poolIdleMs}ms
${backends.map((each) => `  server b${each} 127.0.0.1:${each}\n`).join('')}`,
  );
  return ['haproxy', ['-db', '-f', path]];
};

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

const nginx = ({ dir, fronts, backends, poolIdleMs }) => {
  const path = join(dir, 'nginx.conf');
  // without max_fails=0 an instance that was down is left alone for a second, at the least
  const servers = backends.map((each) => `server 127.0.0.1:${each} max_fails=0;`).join(' ');
  writeFileSync(
    path,
    `daemon off; master_process off; worker_processes 1; pid ${dir}/nginx.pid; error_log ${dir}/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000;
  ${temporary.map((name) => `${name}_temp_path ${dir}/${name};`).join(' ')}
  upstream b { ${servers} keepalive 64; keepalive_timeout ${poolIdleMs}ms; }
  proxy_http_version 1.1; proxy_set_header Connection "";
${fronts
  .map(
    ({ port, idleMs }) =>
      `  server { listen 127.0.0.1:${port}; keepalive_timeout ${idleMs}ms; location / { proxy_pass http://b; } }\n`,
  )
  .join('')}}`,
  );
  return ['nginx', ['-c', path, '-e', join(dir, 'error.log')]];
};

/** Each writes its configuration and gives the command that starts it. */
export const proxies = { haproxy, nginx };
