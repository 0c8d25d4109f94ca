import { existsSync } from 'node:fs';
import type { Lack, ServerSpec } from '../roles.js';
import { findCommand, lackOf } from './commands.js';
import { versionOf } from './own-app.js';
import { type Proxy, startProxy } from './proxy.js';

const MODULES = ['mpm_worker', 'authz_core', 'proxy', 'proxy_http'];
/** Debian, Red Hat, and others. */
const MODULE_DIRECTORIES = ['/usr/lib/apache2/modules', '/usr/lib64/httpd/modules', '/usr/lib/httpd/modules'];

const moduleDirectory = () => MODULE_DIRECTORIES.find((each) => existsSync(`${each}/mod_mpm_worker.so`));
const command = () => findCommand('apache2') ?? findCommand('httpd') ?? 'apache2';

const proxy: Proxy = {
  version: async () => `Apache/${await versionOf(command(), ['-v'], /Apache\/([\d.]+)/)}`,
  configName: 'apache.conf',
  config: ({ directory, host, idleLimitMs, maxRequestsPerConnection }, mappings) => `
${MODULES.map((name) => `LoadModule ${name}_module ${moduleDirectory()}/mod_${name}.so`).join('\n')}
ServerRoot ${directory}
ServerName b
# It refuses to serve as root.
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
PidFile ${directory}/apache.pid
ErrorLog ${directory}/apache-error.log
Mutex pthread
ListenBacklog 4096
KeepAlive ${maxRequestsPerConnection === 1 ? 'Off' : 'On'}
KeepAliveTimeout ${idleLimitMs === undefined ? '86400' : `${idleLimitMs}ms`}
# It does not count the first; 0 is no bound.
MaxKeepAliveRequests ${(maxRequestsPerConnection ?? 1) - 1}
ServerLimit 1
StartServers 1
ThreadLimit 1200
ThreadsPerChild 1200
MaxRequestWorkers 1200
${mappings
  .map(
    ({ port, upstream }) => `Listen ${host}:${port}
<VirtualHost ${host}:${port}>
  ProxyPass / http://${upstream}/ disablereuse=On retry=0
</VirtualHost>`,
  )
  .join('\n')}
`,
  command: (configPath) => [command(), '-X', '-f', configPath],
};

/** Apache httpd in front of our program. Each connection holds one of its threads, and whether it gives a hint is not ours to choose. */
export const apache: ServerSpec = {
  id: 'apache',
  title: 'Apache httpd',
  obeys: ['stall'],
  countsRequests: true,
  async lack(): Promise<Lack | undefined> {
    if (findCommand('httpd') === undefined) {
      const lack = await lackOf('apache2', 'apache2');
      if (lack) return lack;
    }
    if (moduleDirectory() !== undefined) return undefined;
    return { what: "Apache's mod_mpm_worker", remedy: `its modules in one of ${MODULE_DIRECTORIES.join(', ')}` };
  },
  start: (context) => startProxy(proxy, context),
};
