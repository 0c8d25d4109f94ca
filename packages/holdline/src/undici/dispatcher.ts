import type * as Installed from 'undici';
import { fail } from '../checks.js';
import { originOf } from '../line/dial.js';
import { type HoldlineOptions, withoutHoldline } from '../line/options.js';
import { Origins } from '../line/origins.js';
import {
  CONNECT_OPTIONS,
  type Connect,
  type Connected,
  type ConnectOptions,
  type ConnectTo,
} from './connect-options.js';
import { type Controls, connectorAt, controlsOf } from './connector.js';
import { findUndici, type UndiciModule } from './find-undici.js';
import { type KeepAliveOptions, outOfTheWay, undiciIdleMs } from './own-timers.js';

/** The options of the `Agent` of an undici. */
type AgentOptions<Undici extends UndiciModule> = NonNullable<ConstructorParameters<Undici['Agent']>[0]>;

/**
 * Holdline's options, those of undici's `Agent`, and those for connecting, which may also stand in `connect`. Each may be
 * left out.
 */
export type DispatcherOptions<Undici extends UndiciModule = typeof Installed> = HoldlineOptions &
  ConnectOptions &
  Omit<AgentOptions<Undici>, keyof ConnectOptions>;

/** What is read here of an `Agent`'s options. */
interface ReadOptions extends KeepAliveOptions {
  readonly connect?: Connect | ConnectOptions | null;
  readonly connectTimeout?: number | null;
  readonly tls?: ConnectOptions | null;
  readonly connections?: number | null;
  readonly factory?: (origin: string | URL, options: PoolOptions) => object;
}

interface PoolOptions {
  readonly connections?: number | null;
  readonly connect?: unknown;
}

/** What is used here of an undici. */
interface UsedUndici {
  readonly Agent: new (options: object) => { dispatch(options: object, handler: object): boolean };
  readonly Pool: new (origin: string | URL, options: object) => object;
  readonly Client: new (origin: string | URL, options: object) => object;
  /** Only in undici 8: turns a handler as undici 6 and 7 call it into one of undici 8. */
  readonly Dispatcher1Wrapper?: { wrapHandler(handler: object): object };
}

/**
 * An `Agent` of undici whose connections are let go before the server closes them, and whose requests are sent again
 * where that can do no harm. For the `dispatcher` of undici's functions and of the built-in `fetch`, on each Node, and
 * for `setGlobalDispatcher`.
 *
 * Undici's own keep-alive timers are put out of the way, unless they are set here: when a connection is let go is the
 * Line's affair, at the latest after `maxIdleMs`. HTTP/2 is not offered unless `allowH2` is `true`.
 *
 * @param undici - The undici that it is an `Agent` of. Default: the one that is installed beside Holdline, or in the
 *   working directory.
 * @throws TypeError for an option that is not allowed; it names the option and its value.
 * @throws Error with the code `MODULE_NOT_FOUND` where no undici is installed.
 * @example
 * import { dispatcher } from 'holdline/undici';
 *
 * const holdline = dispatcher({ origins: { 'http://127.0.0.1:3000': { idleLimitMs: 5_000 } } });
 * const response = await fetch('http://127.0.0.1:3000/', { dispatcher: holdline });
 * console.log(await response.text());
 */
export function dispatcher<Undici extends UndiciModule = typeof Installed>(
  options?: DispatcherOptions<Undici>,
  undici: Undici = findUndici() as Undici,
): InstanceType<Undici['Agent']> & Controls {
  const { Agent, Client, Pool, Dispatcher1Wrapper } = undici as unknown as UsedUndici;
  if (typeof Agent !== 'function' || typeof Pool !== 'function') fail('undici', undici, "what require('undici') gives");
  const origins = new Origins(options ?? {});
  const { agentOptions, connectOptions, connect } = divide(withoutHoldline(options ?? {}));
  const reach = connectorAt(origins, connectOptions, connect);
  const { factory } = agentOptions;

  /** Whether a Line rules over the connections of a pool, or undici's own timers, is settled when the pool is made. */
  const poolTo = (to: string | URL, given: PoolOptions): object => {
    const { protocol, hostname, port } = new URL(to);
    const { socketPath } = connectOptions;
    const host = hostname.replace(/^\[|\]$/g, '');
    const { mode } = origins.at(
      originOf(protocol, { host, port: port || undefined, socketPath: socketPath ?? undefined }),
    );
    const rules = mode === 'on' || mode === 'cutoff';
    const idleMs = rules ? (hintMs: number | undefined) => undiciIdleMs(agentOptions, hintMs) : undefined;
    const all = {
      ...given,
      connect: (where: ConnectTo, connected: Connected) => reach(where, connected, idleMs),
      ...(rules && outOfTheWay(agentOptions, origins.settings.maxIdleMs)),
    };
    if (factory) return factory(to, all);
    return all.connections === 1 ? new Client(to, all) : new Pool(to, all);
  };

  class HoldlineAgent extends Agent {
    /** The built-in fetch of Node 22 and 24 calls undici 8 as it would call an undici of its own. */
    override dispatch(request: object, handler: object): boolean {
      if (!Dispatcher1Wrapper || 'onRequestStart' in handler) return super.dispatch(request, handler);
      return super.dispatch({ ...request, allowH2: false }, Dispatcher1Wrapper.wrapHandler(handler));
    }
  }
  const agent = new HoldlineAgent({ allowH2: connectOptions.allowH2 ?? false, ...agentOptions, factory: poolTo });
  return Object.assign(agent, controlsOf(origins)) as unknown as InstanceType<Undici['Agent']> & Controls;
}

/** Undici's `Agent` refuses some of the options for connecting, and hands on others only in `connect`. */
function divide(options: object) {
  const entries: [string, unknown][] = Object.entries(options);
  const isForConnecting = ([name]: [string, unknown]) => CONNECT_OPTIONS.has(name);
  const own: ReadOptions = Object.fromEntries(entries.filter((entry) => !isForConnecting(entry)));
  const { connect, connectTimeout, tls, ...agentOptions } = own;
  const connectOptions: ConnectOptions = {
    ...tls,
    ...(typeof connectTimeout === 'number' && { timeout: connectTimeout }),
    ...Object.fromEntries(entries.filter(isForConnecting)),
    ...(typeof connect === 'object' && connect),
  };
  return { agentOptions, connectOptions, connect: typeof connect === 'function' ? connect : undefined };
}
