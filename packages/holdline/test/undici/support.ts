import { createRequire } from 'node:module';
import type * as Undici7 from 'undici-7';
import { onTestFinished } from 'vitest';
import { isHangUpError } from '../../src/index.js';
import { type Connector, type ConnectorOptions, connector, dispatcher } from '../../src/undici/index.js';

/** What the tests use of any undici; undici 7 and 8 differ in nothing of it. */
export type Undici = typeof Undici7;

const require = createRequire(import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
export const runsUndici8 = major > 22 || (major === 22 && minor >= 19);

// before undici 8 puts its own in the place: the `Agent` of the undici that is built into this Node
await fetch('data:,'); // which is loaded with the first fetch
const globalAgent = (version: number): object | undefined =>
  Reflect.get(globalThis, Symbol.for(`undici.globalDispatcher.${version}`)); // 2 is undici 8's
const BuiltInAgent = (globalAgent(2) ?? globalAgent(1))?.constructor as Undici['Agent'];

export const undici7: Undici = require('undici-7');
/** @throws Where Node is too old for it. */
export const undici8 = (): Undici => require('undici-8');

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
  /** Not on this Node. */
  readonly skip?: string;
  make(options?: ConnectorOptions & Undici7.Agent.Options): Promise<Client>;
}

/** Nothing lets go by itself, so that a test decides when a connection ends. */
export const PATIENT = { unknownIdleLimitMs: 600_000, maxIdleMs: 600_000, marginMs: 0 } as const;
const OWN_TIMERS_LATE = { keepAliveTimeout: 600_000, keepAliveMaxTimeout: 600_000 };

const needs22 = runsUndici8 ? {} : { skip: 'undici 8 needs Node 22.19' };
const requesting = (undici: () => Undici) => ({
  async ask(agent: Undici7.Dispatcher, origin: string, { path = '/', ...rest }: Ask) {
    const { body } = await undici().request(`${origin}${path}`, { dispatcher: agent, ...rest } as never);
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

function byConnector(agentOf: () => Undici['Agent'], { ask }: Asking): Way['make'] {
  return async (options = {}) => {
    const connect = connector(options);
    const Agent = agentOf();
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

function byDispatcher(undici: () => Undici, { ask }: Asking): Way['make'] {
  return async (options = {}) => {
    const agent = dispatcher(options, undici());
    onTestFinished(() => agent.destroy());
    return { ask: (origin, asked = {}) => ask(agent, origin, asked), counts: agent.counts, setMode: agent.setMode };
  };
}

export const ways: readonly Way[] = [
  {
    name: 'undici 7, connector()',
    make: byConnector(
      () => undici7.Agent,
      requesting(() => undici7),
    ),
  },
  {
    name: 'undici 7, dispatcher()',
    make: byDispatcher(
      () => undici7,
      requesting(() => undici7),
    ),
  },
  { name: 'undici 8, connector()', make: byConnector(() => undici8().Agent, requesting(undici8)), ...needs22 },
  { name: 'undici 8, dispatcher()', make: byDispatcher(undici8, requesting(undici8)), ...needs22 },
  { name: 'built-in fetch, connector() in its own Agent', make: byConnector(() => BuiltInAgent, fetching) },
  { name: 'built-in fetch, dispatcher() of undici 7', make: byDispatcher(() => undici7, fetching) },
  { name: 'built-in fetch, dispatcher() of undici 8', make: byDispatcher(undici8, fetching), ...needs22 },
];

/** The hang-up behind an error: `fetch` puts it into a TypeError. */
export function hangUpOf(error: unknown) {
  const inner = error instanceof Error && error.message === 'fetch failed' ? error.cause : error;
  if (!isHangUpError(inner)) throw new Error('not a HangUpError', { cause: error });
  return inner.hangUp;
}
