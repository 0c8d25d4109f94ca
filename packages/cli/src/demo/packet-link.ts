import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { monotonicMs } from '../clock.js';
import type { Packet } from '../lab/links/trace.js';
import { parseTrace } from '../lab/links/trace-records.js';
import { startChild } from './child.js';
import type { Lack, Link } from './link.js';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('../../net/packet-link', import.meta.url));
const SERVER_HOST = '10.77.0.2';
const NEEDED_COMMANDS = ['bash', 'python3', 'ip', 'ethtool'];

/** What this machine lacks for a link of packets; undefined if it has all. */
export function whyNoPacketLink(): Lack | undefined {
  if (process.platform !== 'linux') return { what: 'Linux', remedy: 'sudo npm run demo, on Linux,' };
  if (process.getuid?.() !== 0) return { what: 'root', remedy: 'sudo npm run demo' };
  const missing = NEEDED_COMMANDS.filter((command) => !isOnPath(command));
  if (missing.length === 0) return undefined;
  return { what: missing.join(' and '), remedy: 'installing iproute2, ethtool and python3' };
}

function isOnPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Joins A and B, each in a network namespace of its own, by a link that delays every packet. */
export async function openPacketLink(delayMs: number, directory: string): Promise<Link> {
  // Its own name, so that two demos may run side by side.
  const name = `hd${process.pid.toString(36)}`;
  const tracePath = join(directory, 'link.jsonl');
  let carrier: ChildProcess | undefined;
  let startedMs = 0;
  const down = async () => void (await run(SCRIPT, ['down', '--name', name]).catch(() => {}));
  try {
    await run(SCRIPT, ['up', '--name', name]);
  } catch (error) {
    await down();
    throw new Error((error as { stderr?: string }).stderr || String(error), { cause: error });
  }
  const inNamespace = (side: 'a' | 'b') => ['ip', 'netns', 'exec', `${name}-${side}`];
  return {
    kind: 'packets',
    delayMs,
    serverHost: SERVER_HOST,
    startA: (child, script) => startChild(child, script, inNamespace('a')),
    startB: (child, script) => startChild(child, script, inNamespace('b')),
    async connect(ports) {
      const words = ['run', String(delayMs), '--name', name, '--trace', tracePath];

      carrier = spawn(SCRIPT, words, { stdio: ['ignore', 'pipe', 'ignore'] });
      await isUp(carrier);
      startedMs = monotonicMs();
      return ports.map((port) => ({ host: SERVER_HOST, port }));
    },
    async stop() {
      if (carrier) await end(carrier);
      return parseTrace(readFileSync(tracePath, 'utf8'), (line) => packetOf(line as TracedSegment, startedMs));
    },
    async remove() {
      if (carrier) await end(carrier);
      await down();
    },
  };
}

/** A line of packet-link's trace; its times begin when the link is up. */
interface TracedSegment {
  readonly atMs: number;
  readonly from: 'A' | 'B';
  readonly flags: readonly string[];
  readonly bytes: number;
  readonly seq: number;
  readonly ack: number;
  readonly ports: readonly [source: number, target: number];
}

function packetOf({ flags, ports: [source, target], ack, ...told }: TracedSegment, startedMs: number): Packet {
  const has = (flag: string) => flags.includes(flag);
  return {
    from: told.from,
    atMs: startedMs + told.atMs,
    bytes: told.bytes,
    seq: told.seq,
    ...(told.from === 'A' ? { aPort: source, bPort: target } : { aPort: target, bPort: source }),
    ...{ syn: has('SYN'), fin: has('FIN'), reset: has('RST') },
    ...(has('ACK') && { ack }),
  };
}

function isUp(carrier: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    carrier.stdout?.once('data', () => resolve());
    carrier.once('error', reject);
    carrier.once('exit', (code) => reject(new Error(`the link ended before it was up (exit code ${code})`)));
  });
}

function end(carrier: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (carrier.exitCode !== null || carrier.signalCode !== null) return resolve();
    carrier.once('exit', () => resolve());
    carrier.kill('SIGTERM');
  });
}
