// What the packets ring needs of a machine, and the command that would give it what it lacks.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

// Each command and the Debian package that brings it.
const NEEDED = {
  ip: 'iproute2',
  ethtool: 'ethtool',
  nft: 'nftables',
  python3: 'python3',
  openssl: 'openssl',
  nginx: 'nginx',
  haproxy: 'haproxy',
  apache2: 'apache2',
};

/** Why this machine cannot run the packets ring: `{ reason, remedy }`; nothing where it can. */
export function packetsCannotRun() {
  const again = 'npm test -- --ring packets';
  if (process.platform !== 'linux') {
    return {
      reason: `needs Linux network namespaces; this is ${process.platform}`,
      remedy: `on Linux, as root: ${again}`,
    };
  }
  const missing = Object.keys(NEEDED).filter((command) => !onPath(command));
  const asRoot = process.getuid() === 0 ? again : `sudo env "PATH=$PATH" ${again}`;
  if (missing.length > 0) {
    const packages = missing.map((command) => NEEDED[command]).join(' ');
    const sudo = process.getuid() === 0 ? '' : 'sudo ';
    return {
      reason: `needs ${missing.join(', ')}`,
      remedy: `${sudo}apt-get install --no-install-recommends ${packages} && ${asRoot}`,
    };
  }
  if (process.getuid() !== 0) return { reason: 'needs root, to make network namespaces', remedy: asRoot };
  if (spawnSync('unshare', ['--net', 'true']).status !== 0) {
    return {
      reason: 'root may not make network namespaces here (a container without CAP_SYS_ADMIN?)',
      remedy: `docker run --privileged … ${again}, or on a machine of your own`,
    };
  }
  return undefined;
}

function onPath(command) {
  // Debian keeps servers in sbin, which is not on everybody's path.
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return directories.some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
