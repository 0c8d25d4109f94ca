import { AsyncResource } from 'node:async_hooks';
import { type Body, bodyOf } from './bodies.js';
import type { Budgets } from './budgets.js';
import { type ClientRetrySettings, httpOrigin } from './client-options.js';
import { Deciding } from './deciding.js';
import { type Attempting, DispatchAttempt } from './dispatch-attempt.js';
import { DispatchEnding } from './dispatch-ending.js';
import { RequestHeaders } from './headers.js';
import type { Cancel, RetryMachine } from './machine.js';
import { FromOldHandler, ToOldHandler } from './old-handlers.js';
import type { Outcome } from './reading.js';
import { planRequest } from './request-settings.js';
import { StableController } from './stable-controller.js';
import type { Dispatch, DispatchController, DispatchHandler, DispatchOptions, OldHandler } from './undici.js';

/** One request that is dispatched, and dispatched again. */
export class Dispatching implements Attempting {
  readonly handler: DispatchHandler;
  readonly controller = new StableController((reason) => this.#aborted(reason));
  readonly #old: boolean;
  readonly #options: DispatchOptions;
  readonly #body: Body;
  readonly #deciding: Deciding<unknown>;
  readonly #ending: DispatchEnding;
  /** Attempts after the first begin in a timer, and events come from sockets: all of it is the caller's doing. */
  readonly #scope = new AsyncResource('HOLDLINE_RETRY');
  #attempts = 0;
  #attempt: DispatchAttempt | undefined;
  #endWatch: Cancel = noop;
  #endWait: Cancel = noop;
  /** The caller's handler knows the controller. */
  #started = false;
  #over = false;

  constructor(
    private readonly dispatch: Dispatch,
    options: DispatchOptions,
    handler: DispatchHandler | OldHandler,
    client: ClientRetrySettings,
    readonly machine: RetryMachine,
    budgets: Budgets,
  ) {
    this.#old = !isNew(handler);
    this.handler = isNew(handler) ? handler : new ToOldHandler(handler);
    this.#body = bodyOf(options.body, client.maxBodyBytes, 'iterables');
    const { settings, headers } = planRequest(
      {
        method: String(options.method ?? 'GET'),
        origin: httpOrigin(options.origin) ?? client.base.origin,
        idempotent: typeof options.idempotent === 'boolean' ? options.idempotent : undefined,
        signal: undefined,
        headers: new RequestHeaders(options.headers, 'in-turn'),
        body: this.#body,
      },
      client,
      machine,
    );
    this.#options = { ...options, headers };
    this.#ending = new DispatchEnding(machine, settings.deadlineMs, () => this.#ended());
    this.#deciding = new Deciding(settings, machine, budgets, this.#ending);
  }

  /** @returns As `dispatch` does: whether more may be dispatched at once. */
  begin(): boolean {
    this.#attempts++;
    this.#endWatch = this.#deciding.watch();
    const attempt = new DispatchAttempt(this);
    this.#attempt = attempt;
    try {
      const options = { ...this.#options, body: this.#body.next() };
      return this.dispatch(options, this.#old ? new FromOldHandler(attempt) : attempt);
    } catch (error) {
      attempt.onResponseError(null, error as Error);
      return true;
    }
  }

  started(controller: DispatchController, context: unknown): void {
    this.controller.target = controller;
    this.#introduce(context);
  }

  settle(outcome: Outcome): boolean {
    this.#endWatch();
    const decision = this.#scope.runInAsyncScope(() => this.#deciding.decide(this.#attempts, outcome));
    if (decision.action === 'stop') {
      this.#close(!outcome.ok);
      return true;
    }
    this.#attempt = undefined;
    this.controller.target = undefined;
    this.#endWait = this.machine.timer(decision.delayMs, true, () => this.#again());
    // the first attempt may have come to nothing before there was a connection; from now on there is something to abort
    this.#introduce(undefined);
    return false;
  }

  #again(): void {
    // a timer that is late may find the time over before the deadline's own timer has
    if (this.#ending.ended) this.#ended();
    else this.#scope.runInAsyncScope(() => this.begin());
  }

  #introduce(context: unknown): void {
    if (this.#started) return;
    this.#started = true;
    this.handler.onRequestStart?.(this.controller, context);
  }

  #aborted(reason: Error): void {
    if (this.#over) this.controller.target?.abort(reason);
    else this.#ending.abort(reason);
  }

  /** The caller has aborted, or the deadline has passed, before there was a response to give. */
  #ended(): void {
    if (this.#over) return;
    const attempt = this.#attempt;
    const { reason, ended } = this.#ending;
    this.#scope.runInAsyncScope(() => this.#deciding.tellEnd(this.#attempts, ended ?? 'deadline'));
    attempt?.abandon(reason);
    this.#close(true);
    this.handler.onResponseError?.(this.controller, reason);
  }

  #close(failed: boolean): void {
    this.#over = true;
    this.#endWatch();
    this.#endWait();
    this.#ending.close();
    this.#body.finish(failed);
  }
}

function isNew(handler: DispatchHandler | OldHandler): handler is DispatchHandler {
  return 'onRequestStart' in handler && typeof handler.onRequestStart === 'function';
}

function noop(): void {}
