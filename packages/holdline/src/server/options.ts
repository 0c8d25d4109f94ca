import { fail, milliseconds, number, oneOf, onlyKnown, yesOrNo } from '../checks.js';
import { type Behind, POOLS } from '../policy/pools.js';
import {
  type Contradiction,
  idleLimitMs,
  orderTimeouts,
  type ServerTimeouts,
  type TimeoutFacts,
} from '../policy/server-timeouts.js';

/**
 * What {@link harden} may be told. Each option may be left out. All times are in ms, from 0 to what a timer can wait
 * (2 147 483 647).
 *
 * @example
 * { clientIdleMs: 50_000, maxIdleConnections: 10_000 }
 */
export interface HardenOptions {
  /**
   * What the server stands behind, as it is shipped: from it follows how long clients keep an idle connection. Default:
   * unknown. Gotcha: if yours is configured otherwise, state `clientIdleMs` instead.
   */
  readonly behind?: Behind;
  /** How long the server's clients keep an idle connection, in ms. Default: what `behind` says. */
  readonly clientIdleMs?: number;
  /**
   * The idle time that clients are promised, in ms. Default: `clientIdleMs` and 5 s; where nothing is known 65 000, or
   * what the server has if that is more.
   */
  readonly keepAliveTimeoutMs?: number;
  /** How much later than promised an idle connection is closed, in ms: a request may be on its way. Default 1 000. */
  readonly keepAliveBufferMs?: number;
  /** How long a request's head may take, in ms; 0 for no limit. Default: what the server has, raised above the idle limit. */
  readonly headersTimeoutMs?: number;
  /** How long a whole request may take to arrive, in ms; 0 for no limit. Default: as for `headersTimeoutMs`. */
  readonly requestTimeoutMs?: number;
  /**
   * For how long, after a last response and the server's FIN, it reads and throws away what a client still sends, so that
   * no RST destroys the response on its way. In ms; default 5 000; 0 switches it off.
   */
  readonly lingerMs?: number;
  /**
   * How many idle connections are kept, from 1. Those above it are closed, the oldest first. Default: any number.
   * Gotcha: one that is closed before its promised time is lost to a request on its way; the channel
   * `holdline:server-close` tells it (`promiseBroken`).
   */
  readonly maxIdleConnections?: number;
  /**
   * Tell clients the idle limit to the millisecond, in a parameter of the `Keep-Alive` header of each connection's first
   * response. Default `true`.
   */
  readonly hint?: boolean;
}

/** Options with every default filled in. */
export interface HardenSettings {
  readonly timeouts: ServerTimeouts;
  /** The idle time after which the server closes, in ms. */
  readonly limitMs: number;
  readonly clientIdleMs: number | undefined;
  /** Whether clients certainly let go after that time. */
  readonly bounded: boolean;
  readonly lingerMs: number;
  readonly maxIdleConnections: number;
  readonly hint: boolean;
}

/** Each name, so that a new option cannot be forgotten. */
const NAMES: Readonly<Record<keyof HardenOptions, true>> = {
  behind: true,
  clientIdleMs: true,
  keepAliveTimeoutMs: true,
  keepAliveBufferMs: true,
  headersTimeoutMs: true,
  requestTimeoutMs: true,
  lingerMs: true,
  maxIdleConnections: true,
  hint: true,
};

/** What the policy calls a time, as the user knows it. */
const OPTION: Readonly<Record<Contradiction['low'], string>> = {
  keepAliveTimeoutMs: 'keepAliveTimeoutMs',
  bufferMs: 'keepAliveBufferMs',
  headersTimeoutMs: 'headersTimeoutMs',
  requestTimeoutMs: 'requestTimeoutMs',
};

/**
 * Checks the options and fills in the defaults.
 *
 * @param present - What the server has so far.
 * @throws TypeError that names the option, its value, and what is allowed; and both numbers, where two contradict.
 */
export function settleHarden(options: HardenOptions, present: TimeoutFacts['present']): HardenSettings {
  onlyKnown('options', options, Object.keys(NAMES));
  const behind = options.behind === undefined ? undefined : behindOf(options.behind);
  const pool = behind && POOLS[behind];
  const clientIdleMs = optional('clientIdleMs', options.clientIdleMs) ?? pool?.idleMs;
  const ordered = orderTimeouts({
    stated: {
      keepAliveTimeoutMs: optional('keepAliveTimeoutMs', options.keepAliveTimeoutMs),
      bufferMs: optional('keepAliveBufferMs', options.keepAliveBufferMs),
      headersTimeoutMs: optional('headersTimeoutMs', options.headersTimeoutMs),
      requestTimeoutMs: optional('requestTimeoutMs', options.requestTimeoutMs),
    },
    clientIdleMs,
    present,
  });
  if (!ordered.ok) complain(ordered.contradiction, options);
  return {
    timeouts: ordered.timeouts,
    limitMs: idleLimitMs(ordered.timeouts),
    clientIdleMs,
    bounded: options.clientIdleMs !== undefined || pool?.bounded === true,
    lingerMs: milliseconds('lingerMs', options.lingerMs, 5_000),
    maxIdleConnections: number(
      'maxIdleConnections',
      options.maxIdleConnections,
      Number.POSITIVE_INFINITY,
      'a whole number from 1',
      (n) => Number.isInteger(n) && n >= 1,
    ),
    hint: yesOrNo('hint', options.hint, true),
  };
}

function behindOf(value: unknown): Behind {
  const names = Object.keys(POOLS) as Behind[];
  return oneOf('behind', value, names, 'nginx');
}

function optional(name: string, value: unknown): number | undefined {
  return value === undefined ? undefined : milliseconds(name, value, 0);
}

function complain({ low, lowMs, bound, boundMs, inclusive }: Contradiction, { behind }: HardenOptions): never {
  const known = bound === 'clientIdleMs' && behind ? `what '${behind}' keeps` : undefined;
  const what = {
    clientIdleMs: known ?? 'clientIdleMs',
    idleLimit: 'the idle limit',
    headersTimeoutMs: 'headersTimeoutMs',
  };
  const none = boundMs === 0 ? '0 (no limit at all)' : `${boundMs} ms`;
  if (bound === 'headersTimeoutMs' && boundMs === 0) {
    fail(OPTION[low], lowMs, `0, for headersTimeoutMs is ${none}, or a headersTimeoutMs that is not above it`);
  }
  fail(
    OPTION[low],
    lowMs,
    `${inclusive ? 'at least' : 'more than'} ${what[bound]}, which is ${none}: raise the one or lower the other`,
  );
}
