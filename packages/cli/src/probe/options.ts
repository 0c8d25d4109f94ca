import type { Clock } from './clock.js';
import { FEWEST_CONNECTIONS } from './plan.js';
import type { TargetOptions } from './target.js';
import type { Dial } from './wire.js';

/** What `probe` may be asked for besides its URLs. Times are in ms. */
export interface ProbeOptions extends TargetOptions {
  /** The method of each request; default: HEAD, and GET where HEAD is refused (405, 501). */
  readonly method?: string;
  /** Path and query that replace the URL's. */
  readonly path?: string;
  /** Headers of each request, by name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Take certificates that are expired, for another name, or not trusted. Default: false. */
  readonly insecure?: boolean;
  /** Certificates of authorities to trust besides Node's own, in PEM. */
  readonly ca?: string;
  /** The longest idle time to wait for, in ms, from 100; default 130 000. A server that waits longer is told as such. */
  readonly maxWaitMs?: number;
  /** Connections held to each address at the same time, from 3 to 1 000; default 16. */
  readonly connections?: number;
  /** Requests sent to each address at most, those of `countRequests` apart; default 100. */
  readonly requestLimit?: number;
  /** Send up to this many requests on one connection, to see how many it carries; 0 (default) to 10 000. */
  readonly countRequests?: number;
  /** How often to look more closely at a limit that is only known to lie between two idle times; default 0. Each takes as long again. */
  readonly refine?: number;
  /** How long a request may take to be answered, in ms; default: ten times what the first one took, from 2 s to 10 s. */
  readonly answerTimeoutMs?: number;
  /** Look at HTTP/2 as well, where the server chooses it. Default: true. */
  readonly http2?: boolean;
  /** Ends the probe early; what is known by then is told. */
  readonly signal?: AbortSignal;
  /** For tests: time, connections and names that are not those of this machine. */
  readonly world?: Partial<World>;
}

/** What the probe takes from the machine. */
export interface World {
  readonly clock: Clock;
  readonly dial: Dial;
  /** All addresses of a name, in the order in which they are to be told. */
  readonly lookup: (host: string) => Promise<readonly string[]>;
}

/** {@link ProbeOptions}, checked and with every default filled in. */
export interface Settings {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly insecure: boolean;
  readonly ca: string | undefined;
  readonly maxWaitMs: number;
  readonly connections: number;
  readonly requestLimit: number;
  readonly countRequests: number;
  readonly refine: number;
  readonly answerTimeoutMs: number | undefined;
  readonly http2: boolean;
}

/**
 * Checks options and fills in defaults.
 *
 * @throws RangeError that names the option, its value, and what was expected.
 */
export function settingsOf(options: ProbeOptions): Settings {
  const within = (name: string, value: number, from: number, to: number): number => {
    if (Number.isFinite(value) && value >= from && value <= to) return value;
    throw new RangeError(`${name} is ${value}: expected a number from ${from} to ${to}.`);
  };
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[\r\n\0]/.test(value))
      throw new RangeError(`header '${name}: ${value}' cannot be sent: expected a name and a value on one line.`);
  }
  if (options.method !== undefined && !/^[A-Za-z]+$/.test(options.method))
    throw new RangeError(`method is '${options.method}': expected a method's name, as in HEAD or GET.`);
  if (options.path !== undefined && !/^[/*][^\s]*$/.test(options.path))
    throw new RangeError(`path is '${options.path}': expected one that begins with '/'.`);
  return {
    method: options.method?.toUpperCase(),
    path: options.path,
    headers: options.headers ?? {},
    insecure: options.insecure ?? false,
    ca: options.ca,
    maxWaitMs: within('maxWaitMs', options.maxWaitMs ?? 130_000, 100, 86_400_000),
    connections: within('connections', options.connections ?? 16, FEWEST_CONNECTIONS, 1_000),
    requestLimit: within('requestLimit', options.requestLimit ?? 100, 6, 100_000),
    countRequests: within('countRequests', options.countRequests ?? 0, 0, 10_000),
    refine: within('refine', options.refine ?? 0, 0, 8),
    answerTimeoutMs:
      options.answerTimeoutMs === undefined
        ? undefined
        : within('answerTimeoutMs', options.answerTimeoutMs, 1, 600_000),
    http2: options.http2 ?? true,
  };
}
