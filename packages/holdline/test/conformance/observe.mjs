// What a program can see of its client: errors, the order of events, and whose context they come in.
import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage();
const ERROR_DEPTH = 4;

/** The events that a client tells for one request, each emitter's in their order, and in whose context they came. */
export class Log {
  #events = {};

  constructor(name) {
    this.name = name;
  }

  /** Runs what belongs to this request. */
  run(body) {
    return current.run(this, body);
  }

  mark(label, event) {
    const owner = current.getStore();
    const context = owner === this ? '' : ` (context: ${owner === undefined ? 'none' : `of ${owner.name}`})`;
    const told = (this.#events[label] ??= []);
    const entry = `${event}${context}`;
    // how a body is cut into chunks is nobody's promise
    if (event === 'data' && told.at(-1) === entry) return;
    told.push(entry);
  }

  listen(label, emitter, events) {
    for (const event of events) emitter.on(event, () => this.mark(label, event));
    return emitter;
  }

  toJSON() {
    return this.#events;
  }
}

/** What of an error does not change from run to run. */
export function errorOf(error, depth = 0) {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) };
  const { name, code, message, cause, hangUp } = error;
  return {
    name,
    class: error.constructor.name,
    ...(code !== undefined && { code }),
    message: message.replace(/127\.0\.0\.1:\d+/g, 'B'),
    ...(hangUp !== undefined && { hangUp: hangUp.reason }),
    ...(cause !== undefined && depth < ERROR_DEPTH && { cause: errorOf(cause, depth + 1) }),
  };
}
