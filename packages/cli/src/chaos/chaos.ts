import { monotonicMs } from '../clock.js';
import { openRelay, type Relay, type RelayConnection } from '../lab/links/relay.js';
import type { LinkRules } from '../lab/roles.js';
import { seededRandom } from '../random.js';
import { paintFor } from '../terminal/text.js';
import { type ChaosEvent, type ChaosTotals, Counts } from './events.js';
import { eventLine, headLines, totalLines } from './lines.js';
import { type ChaosOptions, rulesOf, type Target, targetOf } from './settings.js';

/** Opens the link with its faults for any client, until the signal or the duration ends it; what it came to. */
export async function chaos(
  options: ChaosOptions,
  stream: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<ChaosTotals> {
  const target = targetOf(options.to);
  const rules = rulesOf(options, target);
  const counts = new Counts();
  const print = options.json ? jsonPrinter(stream) : textPrinter(stream, target, rules, options.duration);
  const beganMs = monotonicMs();
  let over = false;
  const tell = (event: ChaosEvent) => {
    // That its connections are cut when it ends is nobody's fault.
    if (over) return;
    const inTime = { ...event, atMs: event.atMs - beganMs };
    counts.add(inTime);
    print.event(inTime);
  };
  const relay = await open(options, target, rules, tell, counts);
  print.listening(urlOf(relay, target));
  await ended(signal, options.duration);
  over = true;
  await relay.close();
  const totals = counts.totals(Math.round(monotonicMs() - beganMs));
  print.totals(totals);
  return totals;
}

async function open(
  { listen = { host: '127.0.0.1', port: 0 }, seed }: ChaosOptions,
  to: Target,
  rules: LinkRules,
  tell: (event: ChaosEvent) => void,
  counts: Counts,
): Promise<Relay> {
  try {
    return await openRelay({
      ...{ listen, to, rules },
      random: seededRandom(seed),
      onOpen: ({ number, aPort }) => tell({ what: 'open', atMs: monotonicMs(), connection: number, port: aPort }),
      onDeed: ({ number }, deed) => tell({ ...deed, connection: number }),
      onUnreachable: ({ number }: RelayConnection, { message }) =>
        tell({ what: 'unreachable', atMs: monotonicMs(), connection: number, message }),
      onClose: ({ number }) => counts.forget(number),
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const port = `port ${listen.port} on ${listen.host}`;
    if (code === 'EADDRINUSE')
      throw new Error(`${port} is taken: choose another with --listen, or leave it out to get a free one`, {
        cause: error,
      });
    if (code === 'EACCES')
      throw new Error(`${port} may not be opened by this user: choose one from 1024 with --listen`, { cause: error });
    throw error;
  }
}

function urlOf({ address: { host, port } }: Relay, { tls }: Target): string {
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function ended(signal: AbortSignal, durationMs: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = durationMs === undefined ? undefined : setTimeout(resolve, durationMs);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

interface Printer {
  listening(url: string): void;
  event(event: ChaosEvent): void;
  totals(totals: ChaosTotals): void;
}

/** One JSON object a line: where it listens, the events, and at the end what it came to. */
function jsonPrinter(stream: NodeJS.WriteStream): Printer {
  // A clock's nanoseconds say nothing here.
  const short = (_key: string, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : value;
  const line = (value: object) => void stream.write(`${JSON.stringify(value, short)}\n`);
  return {
    listening: (url) => line({ what: 'listening', url }),
    event: line,
    totals: (totals) => line({ what: 'end', ...totals }),
  };
}

function textPrinter(
  stream: NodeJS.WriteStream,
  target: Target,
  rules: LinkRules,
  durationMs: number | undefined,
): Printer {
  const paint = paintFor(stream);
  const print = (lines: readonly string[]) => void stream.write(`${lines.join('\n')}\n`);
  return {
    listening: (url) => print(headLines(url, target, rules, paint, durationMs)),
    event: (event) => print([eventLine(event, rules, paint)]),
    totals: (totals) => print(totalLines(totals, paint)),
  };
}
