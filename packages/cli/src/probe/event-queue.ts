/** Hands values from whoever pushes them to whoever iterates, in order, however far apart they are. */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #values: T[] = [];
  #wake = () => {};
  #ended = false;
  #error: { readonly error: unknown } | undefined;

  push(value: T): void {
    this.#values.push(value);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  fail(error: unknown): void {
    this.#error = { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      const value = this.#values.shift();
      if (value !== undefined) yield value;
      else if (this.#error) throw this.#error.error;
      else if (this.#ended) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
