import type { Cancel, RetryMachine } from './machine.js';
import { type Outcome, part } from './reading.js';

/** A larger rest than this costs more to read than a new connection. */
const MOST_BYTES = 131_072;
/** Nor is a slow one waited for. */
const LONGEST_MS = 1_000;

/** What of Node's `Readable` is used here; node-fetch, undici and superagent have the like. */
interface NodeStream {
  on(event: string, heard: (chunk?: unknown) => void): unknown;
  resume(): unknown;
  destroy?(): unknown;
}

interface WebStream {
  readonly locked: boolean;
  cancel(): Promise<unknown>;
}

type Body = NodeStream | WebStream;

/**
 * The bodies that an attempt left for its caller to read: the result itself (`node:http`), its `body` (fetch, undici),
 * or its `data` (axios); for an error those of its `response`. Never throws.
 */
export function bodiesOf(outcome: Outcome): Body[] {
  try {
    return find(outcome);
  } catch {
    return []; // a getter or a proxy that throws
  }
}

function find(outcome: Outcome): Body[] {
  const holder = outcome.ok ? outcome.result : part(outcome.error, 'response');
  const bodies = [holder, part(holder, 'body')].filter(isBody);
  return bodies.length > 0 ? bodies : [part(holder, 'data')].filter(isBody); // node-fetch warns of who asks for `data`
}

/**
 * Disposes of an outcome that nobody will see: reads what is left of its body, within bounds, so that the connection
 * goes back to its pool; or ends it, so that the connection is free. Never throws.
 */
export function discard(outcome: Outcome, machine: RetryMachine): void {
  try {
    for (const body of bodiesOf(outcome)) {
      if (isNodeStream(body)) drain(body, machine);
      else if (!body.locked) body.cancel().catch(noop);
    }
  } catch {
    // it was none of the streams that it looked like; whoever reads it now is not known
  }
}

function drain(stream: NodeStream, machine: RetryMachine): void {
  if (part(stream, 'readableEnded') === true || part(stream, 'destroyed') === true) return;
  const rest = new Rest(machine, () => void stream.destroy?.());
  // nobody else listens to its errors any more
  for (const end of ['end', 'error', 'close']) stream.on(end, () => rest.end());
  stream.on('data', (chunk) => rest.take(lengthOf(chunk)));
  stream.resume();
}

/** What is left of a response that nobody will see, while it is read to its end. */
export class Rest {
  #bytes = 0;
  readonly #endTimer: Cancel;

  /** @param giveUp - Ends the response: its end is too far away. */
  constructor(
    machine: RetryMachine,
    private readonly giveUp: () => void,
  ) {
    this.#endTimer = machine.timer(LONGEST_MS, false, giveUp);
  }

  take(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MOST_BYTES) this.giveUp();
  }

  end(): void {
    this.#endTimer();
  }
}

function lengthOf(chunk: unknown): number {
  const length = part(chunk, 'byteLength') ?? (typeof chunk === 'string' ? chunk.length : 0);
  return typeof length === 'number' ? length : 0;
}

function isBody(value: unknown): value is Body {
  return isNodeStream(value) || isWebStream(value);
}

function isNodeStream(value: unknown): value is NodeStream {
  return typeof part(value, 'resume') === 'function' && typeof part(value, 'on') === 'function';
}

function isWebStream(value: unknown): value is WebStream {
  return typeof part(value, 'cancel') === 'function' && typeof part(value, 'getReader') === 'function';
}

function noop(): void {}
