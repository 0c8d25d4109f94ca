import type { DispatchController, DispatchHandler, OldHandler, ResponseHeaders } from './undici.js';

/** Speaks to a handler of undici 6 as one would to one of undici 7 or 8. */
export class ToOldHandler implements DispatchHandler {
  constructor(private readonly old: OldHandler) {}

  onRequestStart(controller: DispatchController, context: unknown): void {
    this.old.onConnect?.((reason) => controller.abort(reason as Error), context);
  }
  onResponseStart(controller: DispatchController, status: number, _headers: ResponseHeaders, message?: string): void {
    const more = this.old.onHeaders?.(status, controller.rawHeaders, () => controller.resume(), message);
    if (more === false && status >= 200) controller.pause();
  }
  onResponseData(controller: DispatchController, chunk: Uint8Array): void {
    if (this.old.onData?.(chunk) === false) controller.pause();
  }
  onResponseEnd(controller: DispatchController): void {
    this.old.onComplete?.(controller.rawTrailers);
  }
  onResponseError(_controller: DispatchController | null, error: Error): void {
    this.old.onError?.(error);
  }
  onResponseStarted(): void {
    this.old.onResponseStarted?.();
  }
  onBodySent(...sent: unknown[]): void {
    this.old.onBodySent?.(...sent);
  }
  onRequestSent(): void {
    this.old.onRequestSent?.();
  }
}

/** Is spoken to as a handler of undici 6, and passes it on to one of undici 7 or 8. */
export class FromOldHandler implements OldHandler {
  #controller: OldController | undefined;
  constructor(private readonly handler: Required<Omit<DispatchHandler, 'onRequestUpgrade'>>) {}

  onConnect(abort: (reason?: Error) => void, context?: unknown): void {
    this.#controller = new OldController(abort);
    this.handler.onRequestStart(this.#controller, context);
  }
  onHeaders(status: number, rawHeaders: unknown, resume: () => void, message?: string): boolean {
    const controller = this.#known();
    controller.resumeParser = resume;
    controller.rawHeaders = rawHeaders;
    this.handler.onResponseStart(controller, status, parsed(rawHeaders), message);
    return !controller.paused;
  }
  onData(chunk: Uint8Array): boolean {
    const controller = this.#known();
    this.handler.onResponseData(controller, chunk);
    return !controller.paused;
  }
  onComplete(rawTrailers: unknown): void {
    const controller = this.#known();
    controller.rawTrailers = rawTrailers;
    this.handler.onResponseEnd(controller, parsed(rawTrailers));
  }
  onError(error: Error): void {
    this.handler.onResponseError(this.#controller ?? null, error);
  }
  onResponseStarted(): void {
    this.handler.onResponseStarted();
  }
  onBodySent(...sent: unknown[]): void {
    this.handler.onBodySent(...sent);
  }
  onRequestSent(): void {
    this.handler.onRequestSent();
  }

  /** undici connects before anything else; one that does not cannot be aborted. */
  #known(): OldController {
    return (this.#controller ??= new OldController(noop));
  }
}

class OldController implements DispatchController {
  rawHeaders: unknown = null;
  rawTrailers: unknown = null;
  resumeParser: () => void = noop;
  paused = false;
  aborted = false;
  reason: Error | null = null;
  readonly #abort: (reason?: Error) => void;

  constructor(abort: (reason?: Error) => void) {
    this.#abort = abort;
  }
  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#abort(reason);
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.resumeParser();
  }
}

/** Names and values in turn, as bytes. */
function parsed(raw: unknown): ResponseHeaders {
  const headers: Record<string, string | string[]> = {};
  const parts = Array.isArray(raw) ? (raw as (Uint8Array | string)[]) : [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const name = text(parts[index]).toLowerCase();
    const value = text(parts[index + 1]);
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}

function text(part: Uint8Array | string | undefined): string {
  return typeof part === 'string' ? part : Buffer.from(part ?? []).toString('latin1');
}

function noop(): void {}
