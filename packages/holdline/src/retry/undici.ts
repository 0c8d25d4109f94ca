/** What undici gives its handlers to steer a response by. */
export interface DispatchController {
  readonly aborted: boolean;
  readonly paused: boolean;
  readonly reason: Error | null;
  rawHeaders?: unknown;
  rawTrailers?: unknown;
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

/** What undici 7 and 8 tell of a request. Its methods are those of `Dispatcher.DispatchHandler`. */
export interface DispatchHandler {
  onRequestStart?(controller: DispatchController, context: unknown): void;
  onRequestUpgrade?(controller: DispatchController, status: number, headers: unknown, socket: unknown): void;
  onResponseStart?(controller: DispatchController, status: number, headers: ResponseHeaders, message?: string): void;
  onResponseData?(controller: DispatchController, chunk: Uint8Array): void;
  onResponseEnd?(controller: DispatchController, trailers: ResponseHeaders): void;
  /** undici has no controller to give where the request was not even queued. */
  onResponseError?(controller: DispatchController | null, error: Error): void;
  onResponseStarted?(): void;
  onBodySent?(...sent: unknown[]): void;
  onRequestSent?(): void;
}

/** A response's headers or trailers, by their names in lower case. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What undici 6, which is in Node 20 and 22, tells of a request; undici 7 still understands it. */
export interface OldHandler {
  onConnect?(abort: (reason?: Error) => void, context?: unknown): void;
  onUpgrade?(status: number, rawHeaders: unknown, socket: unknown): void;
  onHeaders?(status: number, rawHeaders: unknown, resume: () => void, message?: string): boolean | undefined;
  onData?(chunk: Uint8Array): boolean | undefined;
  onComplete?(rawTrailers: unknown): void;
  onError?(error: Error): void;
  onResponseStarted?(): void;
  onBodySent?(...sent: unknown[]): void;
  onRequestSent?(): void;
}

/** What is read of undici's `DispatchOptions`. */
export interface DispatchOptions {
  readonly origin?: unknown;
  readonly method?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly upgrade?: unknown;
  readonly idempotent?: unknown;
}

export type Dispatch = (options: DispatchOptions, handler: DispatchHandler | OldHandler) => boolean;
