import { openSync, writeSync } from 'node:fs';
import { seededRandom } from '../../random.js';
import type { LinkRules } from '../roles.js';
import { openRelay } from './relay.js';
import type { Packet } from './trace.js';

// The relay in a process of its own: the event loops of A, B and the lab must not make it late.

/** What it is started with: one JSON object, its only word. */
export interface RelaySettings {
  /** Where it listens, on ports that it finds free. */
  readonly host: string;
  /** Where B listens; a port of the relay's leads to each. */
  readonly to: string;
  readonly ports: readonly number[];
  readonly rules: LinkRules;
  readonly seed: number;
  /** Each segment is written there, as a {@link Packet} with B's port. Left out: nothing is. */
  readonly tracePath?: string;
}

const settings = JSON.parse(process.argv[2] ?? '') as RelaySettings;
const file = settings.tracePath === undefined ? undefined : openSync(settings.tracePath, 'w');
let lines = '';

/** What one turn of the loop has carried goes out together. */
function writeDown(packet: Packet): void {
  if (file === undefined) return;
  if (lines === '') setImmediate(flush);
  lines += `${JSON.stringify(packet)}\n`;
}

function flush(): void {
  if (file !== undefined && lines !== '') writeSync(file, lines);
  lines = '';
}

const relays = await Promise.all(
  settings.ports.map((bPort, stream) =>
    openRelay({
      listen: { host: settings.host, port: 0 },
      to: { host: settings.to, port: bPort },
      rules: settings.rules,
      random: seededRandom(settings.seed, stream),
      onSegment: ({ aPort }, segment) => writeDown({ ...segment, aPort, bPort }),
    }),
  ),
);

function end(): void {
  flush();
  process.exit();
}

process.on('SIGTERM', end);
// The lab is gone.
process.stdin.resume().once('end', end);
process.stdout.write(`carrying ${JSON.stringify(relays.map(({ address }) => address.port))}\n`);
