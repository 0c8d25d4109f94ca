import { Rest } from './discard.js';
import type { RetryMachine } from './machine.js';
import type { Outcome } from './reading.js';
import type { DispatchController, DispatchHandler, ResponseHeaders } from './undici.js';

/** Who makes the attempts. */
export interface Attempting {
  readonly machine: RetryMachine;
  /** Whom a response is given to, and the controller that it is given with. */
  readonly handler: DispatchHandler;
  readonly controller: DispatchController;
  /** The attempt was written to a connection, or is about to be. */
  started(controller: DispatchController, context: unknown): void;
  /** Decides on what came of it. Whether it is the caller's; if not, there will be another attempt. */
  settle(outcome: Outcome): boolean;
}

/**
 * One attempt, as undici tells of it. `open`: nothing has come yet. `given`: the response is the caller's, whatever comes
 * of it. `discarded`: nobody will see it. `over`: the caller wants no more.
 */
type Phase = 'open' | 'given' | 'discarded' | 'over';

/** Hears of one attempt, and tells the caller's handler only what is to be told. */
export class DispatchAttempt implements DispatchHandler {
  #phase: Phase = 'open';
  #rest: Rest | undefined;
  #controller: DispatchController | undefined;

  constructor(private readonly owner: Attempting) {}

  /** The caller no longer wants it. */
  abandon(reason: Error): void {
    this.#phase = 'over';
    this.#controller?.abort(reason);
    this.#controller = undefined;
  }

  onRequestStart(controller: DispatchController, context: unknown): void {
    if (this.#phase === 'over') return controller.abort(new Error('Holdline: the caller wants the request no more'));
    this.#controller = controller;
    this.owner.started(controller, context);
  }

  onResponseStart(controller: DispatchController, status: number, headers: ResponseHeaders, message?: string): void {
    if (this.#phase !== 'open') return;
    const { handler } = this.owner;
    if (status < 200) return handler.onResponseStart?.(this.owner.controller, status, headers, message);
    if (this.owner.settle({ ok: true, result: { statusCode: status, headers } })) {
      this.#phase = 'given';
      handler.onResponseStart?.(this.owner.controller, status, headers, message);
    } else {
      this.#discard(controller);
    }
  }

  onResponseData(_controller: DispatchController, chunk: Uint8Array): void {
    if (this.#phase === 'given') this.owner.handler.onResponseData?.(this.owner.controller, chunk);
    else this.#rest?.take(chunk.byteLength);
  }

  onResponseEnd(_controller: DispatchController, trailers: ResponseHeaders): void {
    if (this.#phase === 'given') this.owner.handler.onResponseEnd?.(this.owner.controller, trailers);
    else this.#rest?.end();
  }

  onResponseError(_controller: DispatchController | null, error: Error): void {
    this.#rest?.end();
    const phase = this.#phase;
    this.#phase = phase === 'given' ? 'given' : 'over';
    if (phase === 'given' || (phase === 'open' && this.owner.settle({ ok: false, error }))) {
      this.owner.handler.onResponseError?.(this.owner.controller, error);
    }
  }

  onRequestUpgrade(): void {}

  onResponseStarted(): void {
    if (this.#phase === 'open') this.owner.handler.onResponseStarted?.();
  }
  onBodySent(...sent: unknown[]): void {
    if (this.#phase === 'open' || this.#phase === 'given') this.owner.handler.onBodySent?.(...sent);
  }
  onRequestSent(): void {
    if (this.#phase === 'open' || this.#phase === 'given') this.owner.handler.onRequestSent?.();
  }

  #discard(controller: DispatchController): void {
    this.#phase = 'discarded';
    this.#rest = new Rest(this.owner.machine, () => {
      this.#rest = undefined;
      controller.abort(new Error('Holdline: the rest of a response that nobody will see is too far away'));
    });
  }
}
