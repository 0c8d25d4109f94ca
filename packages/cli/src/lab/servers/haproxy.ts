import type { ServerSpec } from '../roles.js';
import { lackOf } from './commands.js';
import { versionOf } from './own-app.js';
import { type Proxy, startProxy } from './proxy.js';

const proxy: Proxy = {
  version: async () => `haproxy/${await versionOf('haproxy', ['-v'], /version ([\d.]+)/)}`,
  configName: 'haproxy.cfg',
  config: ({ host, idleLimitMs, hint }, mappings) => `
global
  nbthread 1
  maxconn 8000
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  ${idleLimitMs === undefined ? '' : `timeout http-request 10s\n  timeout http-keep-alive ${idleLimitMs}ms`}
  # A request is passed on once, on a connection of its own: what is executed twice must be A's doing.
  option http-server-close
  retries 0
${mappings
  .map(
    ({ port, upstream }, index) => `
frontend front${index}
  bind ${host}:${port} backlog 4096
  ${hint && idleLimitMs !== undefined && idleLimitMs >= 1_000 ? `http-response set-header Keep-Alive timeout=${Math.floor(idleLimitMs / 1_000)}` : ''}
  default_backend behind${index}
backend behind${index}
  server one ${upstream}`,
  )
  .join('\n')}
`,
  command: (configPath) => ['haproxy', '-db', '-f', configPath],
};

/** HAProxy in front of our program. */
export const haproxy: ServerSpec = {
  id: 'haproxy',
  title: 'HAProxy',
  obeys: ['stall'],
  countsRequests: false,
  lack: () => lackOf('haproxy', 'haproxy'),
  start: (context) => startProxy(proxy, context),
};
