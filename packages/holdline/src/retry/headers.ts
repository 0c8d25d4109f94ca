import { part } from './reading.js';

/** What a client takes an array of headers for: names and values in turn (undici), or pairs of them (fetch). */
export type ArrayForm = 'in-turn' | 'pairs';

/** Reads and adds to the headers that a caller gives to a client, in any of the forms that fetch and undici take. */
export class RequestHeaders {
  /** What to give to the client where nothing is added. */
  readonly given: unknown;

  constructor(
    given: unknown,
    private readonly form: ArrayForm,
  ) {
    // an iterator can be read once, and there may be several attempts
    this.given = isIterable(given) && typeof part(given, 'next') === 'function' ? this.#array(given) : given;
  }

  /** The value of a header, by its name in lower case. */
  get(name: string): string | undefined {
    for (const [key, value] of this.#pairs()) {
      if (String(key).toLowerCase() === name) return String(Array.isArray(value) ? value[0] : value);
    }
    return undefined;
  }

  /** The same headers with one more. */
  with(name: string, value: string): unknown {
    const { given } = this;
    const more = this.#array([[name, value]]);
    if (Array.isArray(given)) return [...(given as unknown[]), ...more];
    if (isIterable(given)) return [...this.#array(given), ...more];
    return { ...(given as object | null | undefined), [name]: value };
  }

  #pairs(): Iterable<readonly unknown[]> {
    const { given } = this;
    if (typeof given !== 'object' || given === null) return [];
    if (Array.isArray(given) && this.form === 'in-turn') return inTurn(given);
    return isIterable(given) ? given : Object.entries(given);
  }

  #array(pairs: Iterable<readonly unknown[]>): unknown[] {
    return this.form === 'pairs' ? Array.from(pairs) : Array.from(pairs).flat(1);
  }
}

function* inTurn(flat: readonly unknown[]): Generator<readonly unknown[]> {
  for (let index = 0; index + 1 < flat.length; index += 2) yield [flat[index], flat[index + 1]];
}

function isIterable(value: unknown): value is Iterable<readonly unknown[]> {
  return typeof part(value, Symbol.iterator) === 'function';
}
