import { fail, onlyKnown } from '../checks.js';
import { type DrainOptions, settleDrain } from '../server/drain-options.js';
import { type HardenOptions, settleHarden } from '../server/options.js';

/** The times of {@link DrainOptions}, which can be said without code. */
export type DrainTimings = Pick<DrainOptions, 'noticeMs' | 'longestRequestMs' | 'idleMs' | 'limitMs'>;

/** What is said of the servers of a program that is not edited. */
export interface ServerOptions extends Pick<HardenOptions, 'behind' | 'clientIdleMs'> {
  /** How they are drained at SIGTERM; `false`: they are not. Default: by the defaults of `drain`. */
  readonly drain?: DrainTimings | false;
}

const TIMINGS: Readonly<Record<keyof DrainTimings, true>> = {
  noticeMs: true,
  longestRequestMs: true,
  idleMs: true,
  limitMs: true,
};

/** What Node's server has; the order that follows from it cannot contradict itself. */
const PRESENT = { keepAliveTimeoutMs: 5_000, headersTimeoutMs: 60_000, requestTimeoutMs: 300_000 };

/**
 * Checks the options one by one.
 *
 * @throws TypeError that names the option, its value, and what is allowed.
 */
export function checkServerOptions({ drain, ...hardening }: ServerOptions): void {
  settleHarden(hardening, PRESENT);
  if (drain === undefined || drain === false) return;
  if (typeof drain !== 'object' || drain === null) fail('drain', drain, 'false, or an object of times');
  onlyKnown('drain', drain, Object.keys(TIMINGS));
  settleDrain(drain);
}

/** Whether servers are to be taken hold of at all. */
export function areServersHeld({ behind, clientIdleMs, drain }: ServerOptions): boolean {
  const held = behind !== undefined || clientIdleMs !== undefined;
  if (!held && drain) fail('drain', drain, 'behind or clientIdleMs beside it');
  return held;
}
