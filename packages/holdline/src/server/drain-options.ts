import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { fail, milliseconds, onlyKnown, yesOrNo } from '../checks.js';
import type { DrainTimes } from '../policy/drain.js';
import type { Hardened } from './hardened.js';
import { HardenedServer } from './hardened-server.js';

/**
 * What {@link drain} may be told. Each option may be left out. All times are from 0 to what a timer can wait
 * (2 147 483 647 ms).
 *
 * @example
 * { onSignal: ['SIGTERM'], noticeMs: 10_000, longestRequestMs: 5_000 }
 */
export interface DrainOptions {
  /** The servers to drain. Default: all that this process has hardened and not closed. */
  readonly servers?: readonly Hardened[];
  /**
   * Begin when the process gets one of these signals, and end it afterwards. A second signal ends it at once. Default:
   * begin now.
   */
  readonly onSignal?: readonly NodeJS.Signals[];
  /**
   * How long new connections are still accepted after `hardened.ready` has turned false, in ms; default 5 000. It is
   * for the load balancer, which must see that, or hear of it, and stop. Gotcha: with Kubernetes the pod is taken from
   * the endpoints at the same time as the signal is sent, and that takes some seconds to get around.
   */
  readonly noticeMs?: number;
  /** Called when readiness has turned false: to deregister, for instance. What it returns is waited for, too. */
  readonly onNotReady?: () => unknown;
  /** How long the longest request takes, in ms; default 30 000. From it follows `limitMs`. */
  readonly longestRequestMs?: number;
  /**
   * How long a connection is left alone after its last response, in ms. Default: the server's idle limit. 0 where no
   * client can use it any more, as after a load balancer has confirmed the deregistration.
   */
  readonly idleMs?: number;
  /**
   * After how long what is left is cut, in ms, from the beginning. Default: the bound that follows from the other times:
   * notice, longest request, idle time and linger. Gotcha: what supervises the process must wait for longer.
   */
  readonly limitMs?: number;
  /** Called for each connection that was upgraded (WebSocket), so that it can be ended in its own protocol. */
  readonly onUpgraded?: (socket: Duplex) => void;
  /**
   * Called for each response that had begun when no more connections were accepted, such as an event stream that has no
   * end of its own: end it if it can be resumed elsewhere.
   */
  readonly onResponding?: (response: ServerResponse) => void;
  /** Gets the report in one line, for a log. */
  readonly log?: (line: string) => void;
  /** End the process after the report, with its exit code. Default: `true` with `onSignal`, else `false`. */
  readonly exit?: boolean;
}

/** Options with every default filled in. */
export interface DrainSettings
  extends Required<Omit<DrainOptions, 'servers' | 'idleMs' | 'limitMs' | 'longestRequestMs'>> {
  readonly servers: readonly HardenedServer[] | undefined;
  readonly idleMs: number | undefined;
  readonly limitMs: number | undefined;
  readonly longestRequestMs: number;
}

/** Each name, so that a new option cannot be forgotten. */
const NAMES: Readonly<Record<keyof DrainOptions, true>> = {
  servers: true,
  onSignal: true,
  noticeMs: true,
  onNotReady: true,
  longestRequestMs: true,
  idleMs: true,
  limitMs: true,
  onUpgraded: true,
  onResponding: true,
  log: true,
  exit: true,
};

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError that names the option, its value, and what is allowed.
 */
export function settleDrain(options: DrainOptions): DrainSettings {
  onlyKnown('options', options, Object.keys(NAMES));
  const { onNotReady, onUpgraded, onResponding, log } = options;
  for (const [name, value] of Object.entries({ onNotReady, onUpgraded, onResponding, log })) {
    if (value !== undefined && typeof value !== 'function') fail(name, value, 'a function');
  }
  const onSignal = signalsOf(options.onSignal);
  return {
    servers: serversOf(options.servers),
    onSignal,
    noticeMs: milliseconds('noticeMs', options.noticeMs, 5_000),
    onNotReady: onNotReady ?? nothing,
    longestRequestMs: milliseconds('longestRequestMs', options.longestRequestMs, 30_000),
    idleMs: optional('idleMs', options.idleMs),
    limitMs: optional('limitMs', options.limitMs),
    onUpgraded: onUpgraded ?? nothing,
    onResponding: onResponding ?? nothing,
    log: log ?? nothing,
    exit: yesOrNo('exit', options.exit, onSignal.length > 0),
  };
}

/** The times of a drain of some servers: the longest of theirs. */
export function timesOf(settings: DrainSettings, servers: readonly HardenedServer[]): DrainTimes {
  const longest = (ms: (server: HardenedServer) => number) => Math.max(0, ...servers.map(ms));
  return {
    noticeMs: settings.noticeMs,
    longestRequestMs: settings.longestRequestMs,
    idleMs: settings.idleMs ?? longest((each) => each.settings.limitMs),
    lingerMs: longest((each) => each.settings.lingerMs),
  };
}

function nothing(): void {}

function optional(name: string, value: unknown): number | undefined {
  return value === undefined ? undefined : milliseconds(name, value, 0);
}

function signalsOf(value: unknown): readonly NodeJS.Signals[] {
  if (value === undefined) return [];
  const isSignal = (each: unknown) => typeof each === 'string' && /^SIG[A-Z0-9]+$/.test(each);
  if (!Array.isArray(value) || value.length === 0 || !value.every(isSignal)) {
    fail('onSignal', value, "an array of signals such as ['SIGTERM', 'SIGINT']");
  }
  return value as NodeJS.Signals[];
}

function serversOf(value: unknown): readonly HardenedServer[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((each) => each instanceof HardenedServer)) {
    fail('servers', value, 'an array of what harden() returned');
  }
  return value;
}
