import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Lack, LinkRules } from '../roles.js';
import { findCommand } from '../servers/commands.js';
import type { Packet } from './trace.js';
import { parseTrace } from './trace-records.js';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('../../../net/packet-link', import.meta.url));
const NEEDED_COMMANDS = ['bash', 'python3', 'ip', 'ethtool'];

/** B's address in its namespace. */
export const PACKETS_HOST = '10.77.0.2';

/**
 * What this machine lacks for a link of packets; undefined if it has all.
 *
 * @param command - What the user ran, for the remedy.
 */
export function whyNoPackets(command: string): Lack | undefined {
  if (process.platform !== 'linux') return { what: 'Linux', remedy: `sudo ${command}, on Linux,` };
  if (process.getuid?.() !== 0) return { what: 'root', remedy: `sudo ${command}` };
  const missing = NEEDED_COMMANDS.filter((name) => findCommand(name) === undefined);
  if (missing.length === 0) return undefined;
  return { what: missing.join(' and '), remedy: 'installing iproute2, ethtool and python3' };
}

/** A and B, each in a network namespace of its own, and a link between them that delays every packet. */
export interface Packets {
  /** The words that run a command on a side. */
  on(side: 'A' | 'B'): readonly string[];
  /** Begins to carry. Of the rules it knows the delay, jitter, late FINs, and silent drops. */
  carry(rules: LinkRules, seed: number): Promise<void>;
  /** Stops carrying; what was carried. */
  stop(): Promise<Packet[]>;
  /** Removes the namespaces, whatever state they are in. */
  remove(): Promise<void>;
}

let links = 0;

/**
 * Makes the namespaces.
 *
 * @param directory - For the trace.
 * @throws Where the system refuses them, as a container's root may find.
 */
export async function openPackets(directory: string): Promise<Packets> {
  // Its own name, so that two may stand side by side.
  const name = `hl${process.pid.toString(36)}x${(links++ % 1_000).toString(36)}`;
  const tracePath = join(directory, 'packets.ndjson');
  let carrier: ChildProcess | undefined;
  let startedMs = 0;
  const down = async () => void (await run(SCRIPT, ['down', '--name', name]).catch(() => {}));
  try {
    await run(SCRIPT, ['up', '--name', name]);
  } catch (error) {
    await down();
    throw new Error((error as { stderr?: string }).stderr || String(error), { cause: error });
  }
  return {
    on: (side) => ['ip', 'netns', 'exec', `${name}-${side.toLowerCase()}`],
    async carry(rules, seed) {
      const { delayMs = 0, jitterMs = 0, delayFinMs = 0, dropIdleMs } = rules;
      const words = ['run', delayMs, '--name', name, '--trace', tracePath, '--seed', seed];
      words.push('--jitter', jitterMs, '--delay-fin', delayFinMs);
      if (dropIdleMs !== undefined) words.push('--nat-idle', dropIdleMs / 1_000);
      // Ctrl-C is for whoever started us: it ends the link when all else has ended.
      carrier = spawn(SCRIPT, words.map(String), { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
      startedMs = await isUp(carrier);
    },
    async stop() {
      if (!carrier) return [];
      await end(carrier);
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
  readonly dropped?: boolean;
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
    ...(told.dropped && { dropped: true }),
  };
}

/** When the link came up, in ms of the clock that all processes read. */
function isUp(carrier: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    carrier.stdout?.once('data', (line: Buffer) => resolve(Number(String(line).trim().split(' ')[1])));
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
