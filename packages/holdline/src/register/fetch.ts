import type { Connect } from '../undici/connect-options.js';
import { type HoldDispatcher, type MakeConnect, offersHttp2 } from './undici.js';

/** Under these an undici, Node's own too, finds the dispatcher of all its functions; those from 8 on look for the second. */
const GLOBAL_DISPATCHERS = [1, 2].map((version) => Symbol.for(`undici.globalDispatcher.${version}`));
const NODES_OWN = 'node:internal/deps/undici/';

type Dispatcher = object & { constructor: new (given: object) => Dispatcher };

/**
 * Puts Lines under the built-in `fetch`, in that the dispatcher which Node makes for it is replaced by one of the same
 * class. Node loads its undici when `fetch` is first called, and so that a program which never does is not made to, this
 * happens when `fetch` is first looked at.
 *
 * A bundled undici that was loaded before sets its own `Agent` for all, and that one is held then, in the way of `hold`.
 */
export function holdFetch(make: MakeConnect, hold: HoldDispatcher): void {
  const fetch = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
  if (!fetch) return; // --no-experimental-fetch
  const connect = make({ allowH2: offersHttp2(process.versions['undici']) });
  const isLoaded = GLOBAL_DISPATCHERS.some((symbol) => dispatcherAt(symbol) !== undefined);
  if (isLoaded || !fetch.configurable || !('value' in fetch)) return holdGlobalDispatcher(connect, hold);
  Object.defineProperty(globalThis, 'fetch', {
    configurable: true,
    enumerable: fetch.enumerable ?? true,
    get() {
      Object.defineProperty(globalThis, 'fetch', fetch);
      holdGlobalDispatcher(connect, hold);
      return fetch.value as unknown;
    },
    set(value: unknown) {
      Object.defineProperty(globalThis, 'fetch', { ...fetch, value });
    },
  });
}

function holdGlobalDispatcher(connect: Connect, hold: HoldDispatcher): void {
  void globalThis.Headers; // has Node load its undici
  const [first, latest] = GLOBAL_DISPATCHERS.map(dispatcherAt);
  const current = latest ?? first;
  if (!current || isHoldlines(current)) return;
  if (!isNodesAgent(current)) return hold(current);
  const held = new current.constructor({ connect });
  const [firstSymbol, latestSymbol] = GLOBAL_DISPATCHERS as [symbol, symbol];
  if (latest) Reflect.set(globalThis, latestSymbol, held);
  // from Node 26 on the first one wraps the other, for those who know only the first
  if (first === current) Reflect.set(globalThis, firstSymbol, held);
  else if (first && isNodesOwn(first)) Reflect.set(globalThis, firstSymbol, new first.constructor(held));
}

function dispatcherAt(symbol: symbol): Dispatcher | undefined {
  return Reflect.get(globalThis, symbol) as Dispatcher | undefined;
}

/** What `dispatcher()` gives has Lines of its own. */
function isHoldlines(dispatcher: object): boolean {
  return 'setMode' in dispatcher;
}

function isNodesAgent(dispatcher: Dispatcher): boolean {
  return dispatcher.constructor.name === 'Agent' && isNodesOwn(dispatcher);
}

/** Whether Node made it, and not a copy of undici that the program has brought: its constructor's complaint says where it is. */
function isNodesOwn(dispatcher: Dispatcher): boolean {
  const { prepareStackTrace, stackTraceLimit } = Error;
  let file: string | null | undefined;
  try {
    Error.stackTraceLimit = 1;
    Error.prepareStackTrace = (_, [site]) => {
      file = site?.getFileName();
    };
    void new dispatcher.constructor({ factory: 'none' });
  } catch (error) {
    void (error as Error).stack;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepareStackTrace) Error.prepareStackTrace = prepareStackTrace;
    else Reflect.deleteProperty(Error, 'prepareStackTrace');
  }
  return file?.startsWith(NODES_OWN) ?? false;
}
