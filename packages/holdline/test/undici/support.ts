import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import type * as Undici7 from 'undici-7';
import { onTestFinished } from 'vitest';
import { isHangUpError } from '../../src/index.js';
import { type Connector, type ConnectorOptions, connector, dispatcher } from '../../src/undici/index.js';

/** What the tests use of any undici; undici 7 and 8 differ in nothing of it. */
export type Undici = typeof Undici7;

const require = createRequire(import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const runsUndici8 = major > 22 || (major === 22 && minor >= 19);

// before undici 8 puts its own in the place: the `Agent` of the undici that is built into this Node
await fetch('data:,'); // which is loaded with the first fetch
const globalAgent = (version: number): object | undefined =>
  Reflect.get(globalThis, Symbol.for(`undici.globalDispatcher.${version}`)); // 2 is undici 8's
export const BuiltInAgent = (globalAgent(2) ?? globalAgent(1))?.constructor as Undici['Agent'];

export const undici7: Undici = require('undici-7');
/** Undici 8, where Node is new enough for it. */
export const undici8: Undici | undefined = runsUndici8 ? require('undici-8') : undefined;

/** The undicis that run on this Node. */
export const undicis: readonly { readonly major: number; readonly undici: Undici }[] = [
  { major: 7, undici: undici7 },
  ...(undici8 ? [{ major: 8, undici: undici8 }] : []),
];

/** A request, and the answer to it. */
export interface Ask {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer | AsyncIterable<Buffer>;
  readonly signal?: AbortSignal;
}

/** One client on Holdline. */
export interface Client {
  ask(origin: string, ask?: Ask): Promise<string>;
  readonly counts: Connector['counts'];
  readonly setMode: Connector['setMode'];
}

/** One way to use it. */
export interface Way {
  readonly name: string;
  make(options?: ConnectorOptions & Undici7.Agent.Options): Promise<Client>;
}

/** Nothing lets go by itself, so that a test decides when a connection ends. */
export const PATIENT = { unknownIdleLimitMs: 600_000, maxIdleMs: 600_000, marginMs: 0 } as const;
const OWN_TIMERS_LATE = {
  keepAliveTimeout: 600_000,
  keepAliveMaxTimeout: 600_000,
  keepAliveTimeoutThreshold: -600_000,
};

const requesting = (undici: Undici) => ({
  async ask(agent: Undici7.Dispatcher, origin: string, { path = '/', ...rest }: Ask) {
    const { body } = await undici.request(`${origin}${path}`, { dispatcher: agent, ...rest } as never);
    return body.text();
  },
});
const fetching = {
  async ask(agent: Undici7.Dispatcher, origin: string, { path = '/', body, ...rest }: Ask) {
    const init = { dispatcher: agent, ...rest, ...(body && { body, duplex: 'half' }) };
    return (await fetch(`${origin}${path}`, init as never)).text();
  },
};

type Asking = { ask(agent: Undici7.Dispatcher, origin: string, ask: Ask): Promise<string> };

function byConnector(Agent: Undici['Agent'], { ask }: Asking): Way['make'] {
  return async (options = {}) => {
    const connect = connector(options);
    const { connections, pipelining } = options as Undici7.Agent.Options;
    const agent = new Agent({
      connect,
      ...OWN_TIMERS_LATE,
      ...(connections !== undefined && { connections }),
      ...(pipelining !== undefined && { pipelining }),
    } as Undici7.Agent.Options);
    onTestFinished(() => agent.destroy());
    return { ask: (origin, asked = {}) => ask(agent, origin, asked), counts: connect.counts, setMode: connect.setMode };
  };
}

function byDispatcher(undici: Undici, { ask }: Asking): Way['make'] {
  return async (options = {}) => {
    const agent = dispatcher(options, undici);
    onTestFinished(() => agent.destroy());
    return { ask: (origin, asked = {}) => ask(agent, origin, asked), counts: agent.counts, setMode: agent.setMode };
  };
}

export const ways: readonly Way[] = [
  ...undicis.flatMap(({ major: version, undici }) => [
    { name: `undici ${version}, connector()`, make: byConnector(undici.Agent, requesting(undici)) },
    { name: `undici ${version}, dispatcher()`, make: byDispatcher(undici, requesting(undici)) },
    { name: `the built-in fetch, dispatcher() of undici ${version}`, make: byDispatcher(undici, fetching) },
  ]),
  { name: 'the built-in fetch, connector() in its own Agent', make: byConnector(BuiltInAgent, fetching) },
];

/** For `describe.each`, with `%s`: `$name` would shorten the names. */
export const byName = (list: readonly Way[]) => list.map((way): [string, Way] => [way.name, way]);

/** Each client once, on Lines whose making it leaves to Holdline and nothing else. */
export const clients = ways.filter(({ name }) => name.includes('connector()'));

/** Told by every undici before it writes a request. */
const ABOUT_TO_WRITE = 'undici:client:sendHeaders';

/** Does something once, when the next request has its connection and was not written yet. */
export function beforeItIsWritten(act: () => void): void {
  const once = () => {
    unsubscribe(ABOUT_TO_WRITE, once);
    act();
  };
  subscribe(ABOUT_TO_WRITE, once);
}

/** The hang-up behind an error: `fetch` puts it into a TypeError. */
export function hangUpOf(error: unknown) {
  const inner = error instanceof Error && error.message === 'fetch failed' ? error.cause : error;
  if (!isHangUpError(inner)) throw new Error('not a HangUpError', { cause: error });
  return inner.hangUp;
}
