import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent, request as httpRequest } from 'node:http';
import type { HangUp, ReplayEvent } from 'holdline';
import { monotonicMs } from '../clock.js';
import type { Sending } from './arms.js';
import type { Call, Failure, Replay } from './history.js';
import type { Target } from './protocol.js';
import type { Step } from './workload.js';

/** What A waits for an answer, as people set it; it has nothing to do with how long a connection may be idle. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Whose turn it is: Holdline's events come in the async context of the request that they are about. */
const currentId = new AsyncLocalStorage<string>();

/** Sends the requests of one caller, one after the other. */
export interface Sender {
  send(step: Step): Promise<Call>;
  close(): void;
}

/** Makes the senders of an arm: each caller keeps its own pool, as each small service does. */
export async function senderFactory(sending: Sending, foreign: boolean, target: Target): Promise<() => Sender> {
  const makeAgent = await agentFactory(sending, foreign, target);
  return () => {
    const agent = makeAgent();
    return {
      send: (step) => currentId.run(step.id, () => call(agent, target, step, sending === 'blind-retry' ? 1 : 0)),
      close: () => agent.destroy(),
    };
  };
}

async function agentFactory(sending: Sending, foreign: boolean, target: Target): Promise<() => Agent> {
  if (sending === 'unpooled') return () => new Agent({ keepAlive: false });
  if (sending === 'pooled' || sending === 'blind-retry') return () => new Agent({ keepAlive: true });
  const holdline = await import('holdline');
  if (sending === 'cutoff') return () => new holdline.Agent({ mode: 'cutoff' });
  if (!foreign) return () => new holdline.Agent();
  const origins = { [`http://${target.host}:${target.port}`]: { idempotencyKeys: true } };
  return () => new holdline.Agent({ origins });
}

/** Calls `saw` for each replay until the function that it gives back is called. */
export function watchReplays(saw: (replay: Replay) => void): () => void {
  const listener = (message: unknown) => {
    const { reason, ok } = message as ReplayEvent;
    const id = currentId.getStore();
    saw({ reason, ok, atMs: monotonicMs(), ...(id !== undefined && { id }) });
  };
  subscribe('holdline:replay', listener);
  return () => unsubscribe('holdline:replay', listener);
}

async function call(agent: Agent, target: Target, step: Step, retriesLeft: number): Promise<Call> {
  const startedMs = monotonicMs();
  let port: number | undefined;
  for (let retries = 0; ; retries++) {
    const failure = await attempt(agent, target, step, (localPort) => {
      port ??= localPort;
    });
    if (failure && retries < retriesLeft) continue;
    const outcome = failure === undefined ? 'answered' : isHangUp(failure) ? 'hung-up' : 'failed';
    const { id, kind } = step;
    return {
      ...{ id, kind, startedMs, endedMs: monotonicMs(), outcome, retries },
      ...(port !== undefined && { port }),
      ...(failure && { failure }),
    };
  }
}

/** Sends a request once; resolves to what went wrong, or to undefined once the whole answer is there. */
function attempt(
  agent: Agent,
  target: Target,
  step: Step,
  sawPort: (localPort: number) => void,
): Promise<Failure | undefined> {
  return new Promise((resolve) => {
    const fail = (error: unknown) => resolve(failureOf(error));
    const body = step.kind === 'GET' ? undefined : JSON.stringify({ order: step.id, amount: 4200 });
    const request = httpRequest(
      {
        ...target,
        agent,
        method: step.kind === 'GET' ? 'GET' : 'POST',
        path: step.kind === 'GET' ? `/orders/${step.id}` : '/orders',
        timeout: REQUEST_TIMEOUT_MS,
        headers: {
          'X-Request-Id': step.id,
          ...(step.kind === 'keyed POST' && { 'Idempotency-Key': `key-${step.id}` }),
          ...(body !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
        },
      },
      (response) =>
        response
          .on('error', fail)
          .on('end', () => resolve(undefined))
          .resume(),
    );
    request.on('timeout', () => request.destroy(new Error(`no answer within ${REQUEST_TIMEOUT_MS} ms`)));
    request.on('error', fail);
    request.on('socket', (socket) => {
      if (socket.localPort !== undefined) sawPort(socket.localPort);
      else socket.once('connect', () => socket.localPort !== undefined && sawPort(socket.localPort));
    });
    request.end(body);
  });
}

function isHangUp({ code }: Failure): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** Reads an error by its fields: what crosses to another process has to be plain. */
function failureOf(error: unknown): Failure {
  const { code, message, hangUp } = error as {
    code?: string;
    message?: string;
    hangUp?: HangUp;
  };
  return {
    code: code ?? 'none',
    message: message ?? String(error),
    ...(hangUp && { reason: hangUp.reason }),
  };
}
