import { budgetLimits, fail, milliseconds, number, oneOf, onlyKnown, originNameOf, yesOrNo } from '../checks.js';
import type { BudgetLimits } from '../policy/budget.js';
import { HONOURS_KEYS } from '../policy/known-origins.js';
import type { ReplayLeave } from '../policy/verdict.js';

/**
 * How much a Line does.
 *
 * | mode | does |
 * |---|---|
 * | `on` | lets go in time, looks before it writes, sends again what cannot run twice |
 * | `cutoff` | lets go in time and looks; never sends a request again |
 * | `observe` | changes nothing; counts and explains what `on` would have done |
 * | `off` | nothing: Node's own sockets |
 */
export type Mode = 'on' | 'cutoff' | 'observe' | 'off';

/** What is known of one origin, or wanted for it alone. */
export interface OriginOptions {
  /**
   * The idle time after which this server closes, in ms, as its operator states it. It is believed before the server's
   * own hint. Default: what the server hints, else {@link HoldlineOptions.unknownIdleLimitMs}.
   */
  readonly idleLimitMs?: number;
  /**
   * The server executes requests with the same `Idempotency-Key` once, so that they may be sent again. Default `false`,
   * except for origins known to honour keys (`https://api.stripe.com`). Gotcha: a server that ignores keys executes a
   * replayed POST twice; declare only what its documentation promises.
   */
  readonly idempotencyKeys?: boolean;
  /** Overrides {@link HoldlineOptions.replay}. */
  readonly replay?: ReplayLeave;
  /** Overrides {@link HoldlineOptions.mode}. */
  readonly mode?: Mode;
}

/** Holdline's options, beside those of Node's agents. Each may be left out. */
export interface HoldlineOptions {
  /** Default `'on'`. The environment variable `HOLDLINE` overrides it and every origin's. */
  readonly mode?: Mode;
  /** No connection is reused after this idle time, whatever the server allows. ms, from 0; default 90 000. */
  readonly maxIdleMs?: number;
  /**
   * How much earlier than the server the client lets go, in ms. Default `'auto'`: round trip, event-loop lag and the
   * roughness of the limit. Never more than half the limit.
   */
  readonly marginMs?: 'auto' | number;
  /**
   * The idle limit assumed of a server that says nothing, in ms; default 4 000, below the 5 s that many servers have.
   */
  readonly unknownIdleLimitMs?: number;
  /**
   * What may be sent again. `'safe'` (default): on evidence, idempotent, or keyed and honoured. `'evidence'`: only what
   * the server certainly never got. `'likely'`: also on weaker evidence; gotcha: a POST may then run twice. `'never'`.
   */
  readonly replay?: ReplayLeave;
  /**
   * The largest request that is kept so that it can be sent again, in bytes; default 65 536. All Lines of a process
   * together keep at most 64 MiB.
   */
  readonly replayBufferBytes?: number;
  /** How long opening the connection for a replay may take, in ms; default 10 000. */
  readonly replayConnectTimeoutMs?: number;
  /**
   * How many replays an origin may be sent that it might execute twice: `ratio` of its requests (0.2) and `perSecond`
   * (10), saved up to `burst` (100). `Infinity` lifts a bound. Replays on evidence cost nothing.
   */
  readonly budget?: Partial<BudgetLimits>;
  /**
   * What is known of single origins, by `scheme://host[:port]`, or `unix:` and the path.
   *
   * @example
   * { 'http://billing:3000': { idleLimitMs: 5_000 }, 'https://api.stripe.com': { idempotencyKeys: true } }
   */
  readonly origins?: Readonly<Record<string, OriginOptions>>;
}

/** What of a client's options is for the client: all but Holdline's own. */
export function withoutHoldline<Options extends HoldlineOptions>(
  options: Options,
): Omit<Options, keyof HoldlineOptions> {
  const {
    mode: _mode,
    maxIdleMs: _maxIdleMs,
    marginMs: _marginMs,
    unknownIdleLimitMs: _unknownIdleLimitMs,
    replay: _replay,
    replayBufferBytes: _replayBufferBytes,
    replayConnectTimeoutMs: _replayConnectTimeoutMs,
    budget: _budget,
    origins: _origins,
    ...rest
  } = options;
  return rest;
}

/** Options with every default filled in. */
export interface Settings extends Required<Omit<HoldlineOptions, 'budget' | 'origins'>> {
  readonly budget: BudgetLimits;
  readonly origins: ReadonlyMap<string, OriginOptions>;
  /** The environment's mode, which stands above all others. */
  readonly forcedMode: Mode | undefined;
}

const KNOWN_ORIGINS = HONOURS_KEYS.map((name): [string, OriginOptions] => [name, { idempotencyKeys: true }]);

export const MODES: readonly Mode[] = ['on', 'cutoff', 'observe', 'off'];
const LEAVES: readonly ReplayLeave[] = ['safe', 'evidence', 'likely', 'never'];

/**
 * Checks the options and fills in the defaults.
 *
 * @param environment - `process.env`, of which only `HOLDLINE` is read.
 * @throws TypeError that names the option, its value, and what is allowed.
 */
export function settle(options: HoldlineOptions, environment: { HOLDLINE?: string | undefined }): Settings {
  const forced = environment.HOLDLINE;
  return {
    mode: oneOf('mode', options.mode, MODES, 'on'),
    forcedMode:
      forced === undefined || forced === '' ? undefined : oneOf('HOLDLINE (environment)', forced, MODES, 'on'),
    maxIdleMs: milliseconds('maxIdleMs', options.maxIdleMs, 90_000),
    marginMs:
      options.marginMs === undefined || options.marginMs === 'auto'
        ? 'auto'
        : milliseconds('marginMs', options.marginMs, 0, "'auto'"),
    unknownIdleLimitMs: milliseconds('unknownIdleLimitMs', options.unknownIdleLimitMs, 4_000),
    replay: oneOf('replay', options.replay, LEAVES, 'safe'),
    replayBufferBytes: number(
      'replayBufferBytes',
      options.replayBufferBytes,
      65_536,
      'bytes from 0 to 67108864',
      (n) => Number.isInteger(n) && n <= 67_108_864,
    ),
    replayConnectTimeoutMs: milliseconds('replayConnectTimeoutMs', options.replayConnectTimeoutMs, 10_000),
    budget: budgetLimits(options.budget),
    origins: settleOrigins(options.origins),
  };
}

/**
 * The name under which an origin is known.
 *
 * @throws TypeError where it is not an origin.
 */
export function originName(origin: string): string {
  return originNameOf(
    'origins',
    origin,
    "keys such as 'https://api.example.com', 'http://10.0.0.1:3000' or 'unix:/run/b.sock'",
  );
}

function settleOrigins(given: unknown): ReadonlyMap<string, OriginOptions> {
  if (given !== undefined && (typeof given !== 'object' || given === null)) fail('origins', given, 'an object');
  const settled = new Map<string, OriginOptions>(KNOWN_ORIGINS);
  for (const [key, value] of Object.entries((given ?? {}) as Record<string, OriginOptions>)) {
    const name = originName(key);
    const at = `origins['${key}']`;
    onlyKnown(at, value, ['idleLimitMs', 'idempotencyKeys', 'replay', 'mode']);
    if (value.idleLimitMs !== undefined) milliseconds(`${at}.idleLimitMs`, value.idleLimitMs, 0);
    if (value.replay !== undefined) oneOf(`${at}.replay`, value.replay, LEAVES, 'safe');
    if (value.mode !== undefined) oneOf(`${at}.mode`, value.mode, MODES, 'on');
    yesOrNo(`${at}.idempotencyKeys`, value.idempotencyKeys, false);
    settled.set(name, { ...settled.get(name), ...value });
  }
  return settled;
}
