import { AsyncResource } from 'node:async_hooks';

const TYPE = 'HOLDLINEREQUEST';

/** The async context of the request that holds a Line: what the Line does for the request runs there. */
export class RequestScope {
  #request: AsyncResource | undefined;

  get hasBegun(): boolean {
    return this.#request !== undefined;
  }

  /** From now on it is the context of the caller. */
  begin(): void {
    this.#request = new AsyncResource(TYPE);
  }

  end(): void {
    this.#request = undefined;
  }

  run<This, Args extends unknown[]>(act: (this: This, ...args: Args) => void, on?: This, ...args: Args): void {
    if (this.#request) this.#request.runInAsyncScope(act, on, ...args);
    else act.apply(on as This, args);
  }
}
