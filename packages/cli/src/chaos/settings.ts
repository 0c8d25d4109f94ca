import type { Address, LinkRules } from '../lab/roles.js';

/** What a user asks for on the command line; all times in ms. */
export interface ChaosOptions {
  readonly to: string;
  /** Left out: a free port of 127.0.0.1. */
  readonly listen?: Address;
  readonly delay?: number;
  readonly jitter?: number;
  readonly closeIdle?: number;
  readonly rst?: boolean;
  readonly 408?: boolean;
  readonly halfCloseIdle?: number;
  readonly dropIdle?: number;
  readonly delayFin?: number;
  readonly splitAt?: number;
  readonly splitPause?: number;
  readonly maxRequests?: number;
  readonly duration?: number;
  readonly seed: number;
  readonly json?: boolean;
}

/** What was asked for makes no sense: the message says why, and what would. */
export class BadOptions extends Error {}

/** Where B is. */
export interface Target extends Address {
  readonly origin: string;
  /** What passes is encrypted: the relay carries it, and understands nothing of it. */
  readonly tls: boolean;
}

/** Reads where B is from a URL; throws if it is none that a relay can lead to. */
export function targetOf(text: string): Target {
  const wrong = (why: string) =>
    new BadOptions(`--to ${text}: ${why}; expected scheme, host and port, such as http://127.0.0.1:3000`);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw wrong('not a URL');
  }
  const tls = url.protocol === 'https:';
  if (!tls && url.protocol !== 'http:') throw wrong(`a relay carries http and https, not ${url.protocol.slice(0, -1)}`);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw wrong('the path is for your client to say');
  if (url.username !== '' || url.password !== '') throw wrong('credentials are for your client to send');
  // Brackets are the URL's way to write an IPv6 address.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(url.port) || (tls ? 443 : 80), origin: url.origin, tls };
}

/** What the link is to do; throws where options contradict each other, or the target. */
export function rulesOf(options: ChaosOptions, { tls }: Target): LinkRules {
  const closes = options.closeIdle !== undefined || options.maxRequests !== undefined;
  if (options.rst && options[408])
    throw new BadOptions('--rst and --408: a connection is closed in one way; choose one');
  const way = options.rst ? '--rst' : '--408';
  if ((options.rst || options[408]) && !closes)
    throw new BadOptions(
      `${way} says how --close-idle or --max-requests closes: state one of them, such as --close-idle 5s`,
    );
  if (tls && options[408])
    throw new BadOptions(
      '--408 needs an http target: over https the 408 would have to be encrypted; use --rst, or the FIN',
    );
  if (tls && options.maxRequests !== undefined)
    throw new BadOptions('--max-requests needs an http target: over https requests cannot be told from a handshake');
  if (options.splitPause !== undefined && options.splitAt === undefined)
    throw new BadOptions('--split-pause says how long --split-at pauses: state --split-at, such as --split-at 20');
  const rules: Record<keyof LinkRules, unknown> = {
    delayMs: options.delay,
    jitterMs: options.jitter,
    closeIdleMs: options.closeIdle,
    closeBy: closes ? closeByOf(options) : undefined,
    dropIdleMs: options.dropIdle,
    halfCloseIdleMs: options.halfCloseIdle,
    delayFinMs: options.delayFin,
    splitAt: options.splitAt,
    splitPauseMs: options.splitPause,
    maxRequests: options.maxRequests,
  };
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined));
}

function closeByOf(options: ChaosOptions): LinkRules['closeBy'] {
  if (options.rst) return 'reset';
  return options[408] ? '408' : 'fin';
}
