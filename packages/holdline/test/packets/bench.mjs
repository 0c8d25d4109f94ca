// A bench: two namespaces of our own, the link between them, and the processes that run in them.
// Whatever happens, close() ends every process and removes every namespace that the bench made.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { searchPath } from './needs.mjs';

const packetLink = fileURLToPath(new URL('../../../cli/net/packet-link', import.meta.url));
const env = { ...process.env, PATH: searchPath };
// The ring says itself how Holdline is to behave; what the caller's shell says must not change a cell.
delete env.HOLDLINE;
delete env.NODE_OPTIONS;

export const addressB = '10.77.0.2';
const prefix = 'hp';
/** Ahead of whatever else the machine does: the cells are about fractions of a millisecond. */
const ahead = ['-n', '-15'];

const quietly = (command, args) => {
  try {
    return execFileSync(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  } catch {
    return '';
  }
};

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** Ends what lives in a namespace that this ring made (its name says so), then removes the link. */
function remove(name) {
  for (const end of ['a', 'b']) {
    for (const pid of quietly('ip', ['netns', 'pids', `${name}-${end}`]).split(/\s+/)) {
      if (pid) endProcess(Number(pid), 'SIGKILL');
    }
  }
  quietly(packetLink, ['down', '--name', name]);
}

const endProcess = (pid, signal) => {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended by itself
  }
};

/** Removes what a run that was killed outright left behind: a bench's name holds its runner's pid. */
export function sweep() {
  for (const line of quietly('ip', ['netns', 'list']).split('\n')) {
    const found = new RegExp(`^(${prefix}(\\d+)x\\d)-a\\b`).exec(line);
    if (found && !alive(Number(found[2]))) remove(found[1]);
  }
}

export class Bench {
  #name;
  #dir;
  #children = new Set();
  #link;
  #delayMs;

  constructor(index, dir) {
    this.#name = `${prefix}${process.pid}x${index}`;
    this.#dir = dir;
    mkdirSync(dir, { recursive: true });
    execFileSync(packetLink, ['up', '--name', this.#name], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    // A reads the kernel's table of connections; the remains of earlier trials must not make it longer and longer.
    const noRemains = 'echo 0 >/proc/sys/net/ipv4/tcp_max_tw_buckets';
    execFileSync('ip', ['netns', 'exec', `${this.#name}-a`, 'sh', '-c', noRemains], { env, stdio: 'ignore' });
  }

  /** Has the link carry packets with this delay each way, and write a trace if there is a path for it. `more`: options of packet-link. */
  async setDelay(delayMs, tracePath, more = []) {
    if (!tracePath && this.#delayMs === delayMs && this.#link.exitCode === null) return;
    if (this.#link) await this.stop(this.#link);
    const trace = tracePath ? ['--trace', tracePath] : [];
    const run = [...ahead, packetLink, 'run', String(delayMs), '--name', this.#name, ...trace, ...more];
    this.#link = spawn('nice', run, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#children.add(this.#link);
    this.#delayMs = delayMs;
    await Promise.race([
      once(this.#link.stdout, 'data'),
      once(this.#link, 'exit').then(() => Promise.reject(new Error('packet-link ended before it was up'))),
    ]);
  }

  /** Starts a command in namespace 'a' or 'b'; its output goes to a log in the bench's directory. */
  start(where, command, args, { ipc = false } = {}) {
    const stdio = ['ignore', 'pipe', 'pipe', ...(ipc ? ['ipc'] : [])];
    const child = spawn('nice', [...ahead, 'ip', 'netns', 'exec', `${this.#name}-${where}`, command, ...args], {
      env,
      stdio,
    });
    child.logPath = `${this.#dir}/${where}-${child.pid}.log`;
    const log = createWriteStream(child.logPath);
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.once('close', () => log.end());
    child.on('error', () => {}); // a failed start is seen as an exit
    this.#children.add(child);
    return child;
  }

  async stop(child) {
    this.#children.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), 1500);
    await gone;
    clearTimeout(hard);
  }

  /** Synchronous, so that it also works on the way out of a crash. */
  close() {
    for (const child of this.#children) child.kill('SIGKILL');
    this.#children.clear();
    remove(this.#name);
  }
}
