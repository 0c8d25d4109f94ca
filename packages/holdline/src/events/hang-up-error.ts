import { explain, type HangUp, type HangUpStory } from './hang-up.js';

const BRAND = Symbol.for('holdline.HangUpError');

/**
 * What a client gets where a hang-up surfaces: the server may have the request.
 *
 * `code` is `ECONNRESET`, as without Holdline, so that existing handlers go on working; `cause` is the error that Node
 * would have given; `hangUp` says what was seen and what to change. Where a new connection of `node:http` was hung up on, so
 * that no reuse is to blame, `message` is Node's own, for handlers that compare it; `stack`, which is what logs print,
 * tells the rest.
 *
 * @example
 * request.on('error', (error) => {
 *   if (isHangUpError(error)) log.warn({ ...error.hangUp }, error.message);
 * });
 */
export class HangUpError extends Error {
  readonly code = 'ECONNRESET';
  readonly hangUp: HangUp;
  declare readonly cause: Error;

  /** @internal */
  constructor(story: HangUpStory, cause: Error) {
    const { message, fix } = explain(story);
    super(message, { cause });
    this.name = 'HangUpError';
    const { method: _method, how: _how, mayRunTwice: _may, detail: _detail, inNodesWords, ...told } = story;
    if (inNodesWords) {
      const rest = { writable: true, configurable: true };
      // read first: a stack is made when it is first read, of the message at that time
      Object.defineProperty(this, 'stack', { value: this.stack, ...rest });
      Object.defineProperty(this, 'message', { value: cause.message, ...rest });
    }
    this.hangUp = { ...told, verdict: 'surface', fix };
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Whether an error is a {@link HangUpError}, also of another copy of Holdline in the same process.
 *
 * @example
 * if (isHangUpError(error) && error.hangUp.reason === 'no-evidence') reconcile();
 */
export function isHangUpError(error: unknown): error is HangUpError {
  return typeof error === 'object' && error !== null && BRAND in error;
}
