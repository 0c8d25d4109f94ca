import type { ServerSpec } from '../roles.js';
import { lackOf } from './commands.js';
import { versionOf } from './own-app.js';
import { type Proxy, startProxy } from './proxy.js';

/** As long as no round lasts. */
const NEVER_MS = 86_400_000;

const proxy: Proxy = {
  version: async () => `nginx/${await versionOf('nginx', ['-v'], /nginx\/([\d.]+)/)}`,
  configName: 'nginx.conf',
  // One process, in the foreground: it is to be frozen and ended as a whole.
  config: ({ directory, host, idleLimitMs = NEVER_MS, hint, maxRequestsPerConnection = 1_000_000 }, mappings) => `
daemon off; master_process off; worker_rlimit_nofile 20000;
pid ${directory}/nginx.pid; error_log stderr emerg;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_timeout ${idleLimitMs}ms ${hint && idleLimitMs >= 1_000 ? `${Math.floor(idleLimitMs / 1_000)}s` : ''};
  keepalive_requests ${maxRequestsPerConnection};
  client_body_temp_path ${directory}/nginx-body; proxy_temp_path ${directory}/nginx-proxy;
  fastcgi_temp_path ${directory}/nginx-f; uwsgi_temp_path ${directory}/nginx-u; scgi_temp_path ${directory}/nginx-s;
  # A request is passed on once, on a connection of its own: what is executed twice must be A's doing.
  proxy_http_version 1.1; proxy_next_upstream off; proxy_set_header Connection close;
  ${mappings
    .map(
      ({ port, upstream }) =>
        `server { listen ${host}:${port} backlog=4096; location / { proxy_pass http://${upstream}; } }`,
    )
    .join('\n  ')}
}
`,
  command: (configPath, { directory }) => ['nginx', '-p', directory, '-c', configPath, '-e', 'stderr'],
};

/** nginx in front of our program. */
export const nginx: ServerSpec = {
  id: 'nginx',
  title: 'nginx',
  obeys: ['stall'],
  countsRequests: true,
  lack: () => lackOf('nginx', 'nginx'),
  start: (context) => startProxy(proxy, context),
};
