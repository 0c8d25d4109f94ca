// What the ring needs of the machine. A need that is not met skips the cells that have it, with reason and remedy.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeAtHand } from '../../../../scripts/test/nodes.mjs';
import { undiciFolder } from './undici-client.mjs';

const has = (command) => {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore', env: { ...process.env, PATH: searchPath } });
    return true;
  } catch {
    return false;
  }
};

const tool = (command, debianPackage) => ({
  met: () => has(command),
  reason: `${command} is not installed`,
  remedy: `apt-get install -y ${debianPackage}`,
});

/** Debian keeps servers and network tools where a plain user's PATH does not look. */
export const searchPath = `${process.env.PATH}:/usr/sbin:/sbin`;

const serversFolder = fileURLToPath(new URL('../servers', import.meta.url));

const needs = {
  linux: {
    met: () => platform() === 'linux',
    reason: `network namespaces exist on Linux only, and this is ${platform()}`,
    remedy: 'run it on Linux, for example in a container started with --privileged',
  },
  root: {
    met: () => process.getuid?.() === 0 && canUnshare(),
    reason: 'network namespaces need root with CAP_NET_ADMIN and CAP_SYS_ADMIN',
    remedy: 'sudo npm test (in a container: docker run --privileged)',
  },
  ip: tool('ip', 'iproute2'),
  ethtool: tool('ethtool', 'ethtool'),
  python3: tool('python3', 'python3'),
  openssl: tool('openssl', 'openssl'),
  nginx: tool('nginx', 'nginx-light'),
  haproxy: tool('haproxy', 'haproxy'),
  gunicorn: tool('gunicorn', 'gunicorn'),
  go: tool('go', 'golang-go'),
  fastify: {
    met: () => existsSync(join(serversFolder, 'node_modules/fastify')),
    reason: 'Fastify is not installed',
    remedy: 'npm ci --prefix packages/holdline/test/servers',
  },
  undici: {
    met: () => existsSync(join(undiciFolder, 'node_modules/undici-7')),
    reason: 'the undicis to test with are not installed',
    remedy: 'npm ci --prefix packages/holdline/test/undici',
  },
  node24: {
    met: () => nodeAtHand('24') !== undefined,
    reason: 'Node 24 is not at hand',
    remedy: 'npm ci --prefix scripts/nodes, or HOLDLINE_NODE_24=/path/to/node',
  },
  apache: {
    met: () => has('apache2') && existsSync('/usr/lib/apache2/modules/mod_mpm_worker.so'),
    reason: 'apache2 with mod_mpm_worker is not installed in /usr/lib/apache2/modules',
    remedy: 'apt-get install -y apache2',
  },
};

/** Root in a container is often not allowed this; what it may do shows only when it tries. */
function canUnshare() {
  try {
    execFileSync('unshare', ['--net', '--mount', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const always = ['linux', 'root', 'ip', 'ethtool', 'python3', 'openssl'];
const seen = new Map();

/** The first need of a cell that this machine does not meet: `{ need, reason, remedy }`, or undefined. */
export function unmet(extra) {
  return unmetOf([...always, ...extra]);
}

/** The same of what is on loopback, and needs nothing but what it names. */
export function unmetOf(names) {
  for (const name of names) {
    if (!seen.has(name)) seen.set(name, needs[name].met());
    if (!seen.get(name)) return { need: name, reason: needs[name].reason, remedy: needs[name].remedy };
  }
  return undefined;
}
