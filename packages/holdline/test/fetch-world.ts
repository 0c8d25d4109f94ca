import type { ClientRetryOptions } from '../src/retry/client-options.js';
import type { WithBodyMaker } from '../src/retry/fetch.js';
import { retryEvents, retryWorld, watch } from './retry-world.js';

export const url = 'http://b:3000/orders';
/** For an origin that honours keys. */
export const keyed: ClientRetryOptions = { origins: { 'http://b:3000': { idempotencyKeys: true } } };

/** What a fetch was given in one attempt. */
export interface Sent {
  readonly input: unknown;
  readonly init: RequestInit;
  readonly key: string | null;
  readonly body: string | undefined;
  readonly atMs: number;
}

type Step = Error | number;

/** A fetch that reads what it is to send, and then fails, or is answered by a status. */
export function fetchWorld(options: ClientRetryOptions, ...steps: Step[]) {
  const { withRetry, now, pass, clock } = retryWorld();
  const events = retryEvents();
  const sent: Sent[] = [];
  const responses: Response[] = [];
  const fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const request = new Request(input, init);
    const atMs = now();
    const body = request.body ? await request.text() : undefined;
    sent.push({ input, init, key: request.headers.get('idempotency-key'), body, atMs });
    const step = steps[sent.length - 1] ?? 200;
    if (typeof step !== 'number') throw step;
    const response = new Response(`${step}`, { status: step });
    responses.push(response);
    return response;
  };
  const fetchAgain = withRetry(fetch, options);
  /** Fetches, and lets all the time pass that it takes. */
  const run = async (input: string | URL | Request, init?: RequestInit | WithBodyMaker<RequestInit>) => {
    const call = watch(fetchAgain(input, init as RequestInit));
    for (let turn = 0; turn < 5; turn++) await pass(20_000);
    return call;
  };
  const reasons = () => events.map(({ action, reason }) => `${action} ${reason}`);
  return { fetchAgain, run, sent, responses, events, reasons, pass, clock };
}
