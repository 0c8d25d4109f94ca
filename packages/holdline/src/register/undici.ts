import module from 'node:module';
import { dirname, join } from 'node:path';
import type { Connect, ConnectOptions } from '../undici/connect-options.js';

/** Makes a connector that puts Lines on connections: its own, or those of the connector that it is given. */
export type MakeConnect = (options: ConnectOptions, onto?: Connect) => Connect;

/** Puts Lines under the connections that a dispatcher of any undici makes from now on. */
export type HoldDispatcher = (dispatcher: object) => void;

type BuildConnector = (options?: ConnectOptions & { useH2c?: boolean }) => Connect;
type Load = (loaded: { exports: unknown }, path: string) => void;

/** Where each version of undici keeps the function that makes its connectors, and its `Client`. */
const CONNECT = /[\\/]undici[^\\/]*[\\/]lib[\\/]core[\\/]connect\.js$/;
const CLIENT = /[\\/]undici[^\\/]*[\\/]lib[\\/](?:dispatcher[\\/])?client\.js$/;

/**
 * Puts Lines under each undici in the program's `node_modules`, whoever loads it, by `import` or `require`: whatever its
 * `Agent`, `Pool` and `Client` connect by is made by one function, and that one is exchanged as it is loaded.
 *
 * Of an undici that was there before, the connector of each client is wrapped as its next request is made; its sockets give
 * no evidence. One that was bundled into another file is not found.
 *
 * @returns Does so to the dispatchers of a single one, such as that of a bundled undici which `fetch` goes by.
 */
export function hookUndici(make: MakeConnect): HoldDispatcher {
  const ours = new WeakSet<Connect>();
  const made: MakeConnect = (options, onto) => {
    const connect = make(options, onto);
    ours.add(connect);
    return connect;
  };
  const wrap = (connect: Connect): Connect => (ours.has(connect) ? connect : made({}, connect));
  const { _extensions: extensions } = module as unknown as { _extensions: Record<string, Load> };
  const load = extensions['.js'];
  if (load)
    extensions['.js'] = function (this: unknown, loaded, path) {
      load.call(this, loaded, path);
      if (CONNECT.test(path)) loaded.exports = holding(loaded.exports as BuildConnector, made, versionAt(path));
    };
  for (const [path, cached] of Object.entries(require.cache)) {
    if (CLIENT.test(path) && cached) holdClients(cached.exports as { prototype: Dispatching }, wrap);
  }
  return (dispatcher) => {
    if (!connectsItsOwnWay(dispatcher)) holdDispatcher(dispatcher, wrap);
  };
}

function holding(build: BuildConnector, make: MakeConnect, version: string | undefined): BuildConnector {
  if (typeof build !== 'function') return build; // an undici that is made otherwise
  return function buildConnector(options = {}) {
    const { useH2c, ...rest } = options;
    return useH2c ? build(options) : make({ ...rest, allowH2: rest.allowH2 ?? offersHttp2(version) });
  };
}

/** Whether this version of undici offers HTTP/2 unless it is told not to; a connection that speaks it is left alone. */
export function offersHttp2(version: string | undefined): boolean {
  return Number.parseInt(version ?? '', 10) >= 8;
}

function versionAt(connectPath: string): string | undefined {
  try {
    return (require(join(dirname(connectPath), '../../package.json')) as { version?: string }).version;
  } catch {
    return undefined; // as an undici before 8, which does not offer it
  }
}

interface Dispatching {
  dispatch(...args: unknown[]): boolean;
}

/** Undici notes a client's connector under a symbol of its own, which is known by its description. */
function holdClients(client: { prototype: Dispatching }, wrap: (connect: Connect) => Connect): void {
  const { dispatch } = client.prototype;
  client.prototype.dispatch = function (this: Dispatching, ...args) {
    replaceNoted(this, 'connector', (connect) => wrap(connect as Connect));
    return dispatch.apply(this, args);
  };
}

/** An `Agent` makes pools, and a pool clients, by a function that it has noted. */
function holdDispatcher(dispatcher: object, wrap: (connect: Connect) => Connect): void {
  replaceNoted(dispatcher, 'connector', (connect) => wrap(connect as Connect));
  replaceNoted(dispatcher, 'factory', (make) => (...args: unknown[]) => {
    const made = make(...args) as object;
    holdDispatcher(made, wrap);
    return made;
  });
}

/** Whether a program has given an `Agent` a connector of its own, which it keeps. */
function connectsItsOwnWay(agent: object): boolean {
  const [options] = notedOn(agent, 'options').map((symbol) => Reflect.get(agent, symbol) as { connect?: unknown });
  return typeof options?.connect === 'function';
}

type Noted = (...args: unknown[]) => unknown;

function replaceNoted(on: object, name: string, replace: (noted: Noted) => unknown): void {
  for (const symbol of notedOn(on, name)) {
    const noted: unknown = Reflect.get(on, symbol);
    if (typeof noted === 'function') Reflect.set(on, symbol, replace(noted as Noted));
  }
}

function notedOn(on: object, name: string): symbol[] {
  return Object.getOwnPropertySymbols(on).filter(({ description }) => description === name);
}
