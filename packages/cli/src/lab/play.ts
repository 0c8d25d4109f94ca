import { setMaxListeners } from 'node:events';
import { monotonicMs, sleepUnless } from '../clock.js';
import type { ClientProcess, Outcome } from './client-process.js';
import { headers, type ToClient } from './protocol.js';
import type { Address, Caller, Recorder, Step } from './roles.js';

/** What the screen shows while a round runs. */
export interface Counts {
  readonly sent: number;
  readonly hungUp: { readonly bare: number; readonly holdline: number };
}

/** All that it takes to let clients send the same traffic side by side. */
export interface Play {
  readonly clients: readonly ClientProcess[];
  readonly addresses: Readonly<Record<string, Address>>;
  readonly callers: readonly Caller[];
  readonly callersPerPool: number;
  readonly timeoutMs: number;
  readonly statedIdleLimitMs?: number;
  /** After so long no request leaves any more, though a caller that was held up may have some left, in ms. */
  readonly sendsForMs: number;
  /** As long as this is waited for the last outcomes; what has none then is silent, in ms. */
  readonly graceMs: number;
  readonly record: Recorder;
  /** What the fault does, until the signal. */
  happen(stallClients: (forMs: number) => void, ends: AbortSignal): Promise<void>;
  tell(counts: Counts): void;
  readonly signal: AbortSignal;
}

const TELL_EVERY_MS = 250;

/** Lets all callers of all clients send; resolves when each has an outcome for all its requests, or time is up. */
export async function play(given: Play): Promise<void> {
  const over = new AbortController();
  setMaxListeners(0, over.signal); // one for each client
  const end = () => over.abort();
  given.signal.addEventListener('abort', end, { once: true });
  const counts = { sent: 0, hungUp: { bare: 0, holdline: 0 } };
  const told = setInterval(() => given.tell(counts), TELL_EVERY_MS);
  let limit: NodeJS.Timeout | undefined;
  try {
    const stages = given.clients.map((client) => stage(given, client, counts, over.signal));
    await Promise.all(stages.map(({ ready }) => ready));
    limit = setTimeout(end, given.sendsForMs + given.graceMs);
    const stallClients = (forMs: number) => {
      for (const client of given.clients) client.send({ type: 'stall', forMs });
    };
    const happened = given.happen(stallClients, over.signal);
    await Promise.all(stages.map(({ run }) => run()));
    over.abort();
    await happened;
  } finally {
    clearTimeout(limit);
    clearInterval(told);
    given.signal.removeEventListener('abort', end);
    over.abort();
    for (const client of given.clients) client.leave();
  }
}

type MutableCounts = { sent: number; hungUp: { bare: number; holdline: number } };

/** One client and its callers. */
function stage(given: Play, client: ClientProcess, counts: MutableCounts, over: AbortSignal) {
  const { id, bareId } = client.spec;
  const address = given.addresses[id];
  if (!address) throw new Error(`the link leads no client ${id} to B, expected one of ${Object.keys(given.addresses)}`);
  const waiting = new Map<string, () => void>();
  const take = (outcome: Outcome) => {
    const atMs = monotonicMs();
    if (outcome.type === 'replayed') {
      const { reason, ok } = outcome;
      given.record({ type: 'replayed', atMs, client: id, id: outcome.id, reason, ok });
      return;
    }
    const settle = waiting.get(outcome.id);
    if (!settle) return; // asked for in an earlier round, or told twice
    waiting.delete(outcome.id);
    const port = outcome.port === undefined ? {} : { port: outcome.port };
    if (outcome.type === 'answered') {
      const answerId = idIn(outcome.body);
      const named = answerId === undefined ? {} : { answerId };
      given.record({ type: 'answered', atMs, client: id, id: outcome.id, status: outcome.status, ...named, ...port });
    } else {
      const { code, message, reason } = outcome;
      const hangUp = outcome.hangUp ?? (code === 'ECONNRESET' || code === 'EPIPE');
      if (hangUp) counts.hungUp[bareId === undefined ? 'bare' : 'holdline']++;
      const why = reason === undefined ? {} : { reason };
      given.record({ type: 'failed', atMs, client: id, id: outcome.id, code, message, hangUp, ...why, ...port });
    }
    settle();
  };
  const ask = (step: Step, caller: number) => {
    given.record({ type: 'sent', atMs: monotonicMs(), client: id, id: step.id, kind: step.kind, caller });
    counts.sent++;
    client.send(messageOf(step, Math.floor(caller / given.callersPerPool)));
    return new Promise<void>((resolve) => waiting.set(step.id, resolve));
  };
  const runCaller = async (lastMs: number, { startMs, steps }: Caller, caller: number) => {
    await sleepUnless(over, startMs);
    for (const step of steps) {
      if (step.gapMs > 0) await sleepUnless(over, step.gapMs);
      if (over.aborted || client.failure !== undefined || monotonicMs() > lastMs) return;
      await ask(step, caller);
    }
  };
  const { timeoutMs, statedIdleLimitMs } = given;
  over.addEventListener('abort', () => {
    for (const settle of waiting.values()) settle();
  });
  const stated = statedIdleLimitMs === undefined ? {} : { statedIdleLimitMs };
  return {
    ready: client.begin({ ...address, honoursKeys: true, timeoutMs, ...stated }, take),
    async run() {
      const lastMs = monotonicMs() + given.sendsForMs;
      await Promise.all(given.callers.map((each, index) => runCaller(lastMs, each, index)));
    },
  };
}

function messageOf({ id, kind, bodyBytes, directive }: Step, pool: number): Extract<ToClient, { type: 'send' }> {
  const isGet = kind === 'GET';
  return {
    type: 'send',
    id,
    kind,
    pool,
    method: isGet ? 'GET' : 'POST',
    path: isGet ? `/orders/${id}` : '/orders',
    headers: {
      [headers.id]: id,
      ...(kind === 'keyed POST' && { [headers.key]: `key-${id}` }),
      ...(directive && { [headers.directive]: JSON.stringify(directive) }),
      ...(!isGet && { 'content-type': 'application/json' }),
    },
    ...(!isGet && { body: bodyOf(id, bodyBytes) }),
  };
}

/** A body of a length: what it says does not matter, but it has to be JSON, for clients that look. */
function bodyOf(id: string, bytes: number): string {
  const bare = JSON.stringify({ order: id, note: '' });
  return JSON.stringify({ order: id, note: 'x'.repeat(Math.max(0, bytes - bare.length)) });
}

/** The id that an answer's body names; empty if it names none, as one that broke off. Nothing if the client hands over no body. */
function idIn(body: string | undefined): string | undefined {
  if (body === undefined) return undefined;
  try {
    const { id } = JSON.parse(body) as { id?: unknown };
    return typeof id === 'string' ? id : '';
  } catch {
    return '';
  }
}
