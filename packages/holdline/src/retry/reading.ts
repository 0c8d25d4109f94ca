import { isHangUpError } from '../events/hang-up-error.js';
import { isKnownCode, meaningOf } from '../policy/failure-codes.js';
import type { Reading } from '../policy/retry.js';
import { retryAfterMs } from '../policy/retry-after.js';

/** How an attempt ended: what its promise gave, or was rejected with. */
export type Outcome<Result = unknown> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly error: unknown };

/** What a client may hang its error's cause under, this many times. */
const DEEPEST_CAUSE = 5;

const ANSWER: Reading = { kind: 'answer' };
const FAULT: Reading = { kind: 'fault' };

/**
 * Reads what an attempt came to, whichever client made it. A response is what has headers and a status, be it
 * `statusCode` (`node:http`, got, undici) or `status` (fetch, axios, superagent, ky); an error may stand for one
 * (`error.response`, or a status of its own), or has a code, maybe in its `cause` (fetch).
 *
 * @param statuses - The statuses that ask to come again.
 * @param wallMs - Wall time, in ms since 1970.
 */
export function readOutcome(outcome: Outcome, statuses: ReadonlySet<number>, wallMs: number): Reading {
  try {
    if (outcome.ok) return readResponse(outcome.result, statuses, wallMs) ?? ANSWER;
    return readError(outcome.error, statuses, wallMs);
  } catch {
    return outcome.ok ? ANSWER : FAULT; // a getter or a proxy that throws
  }
}

function readError(error: unknown, statuses: ReadonlySet<number>, wallMs: number): Reading {
  const response = part(error, 'response');
  const answer = statusOf(response) === undefined ? error : response;
  const status = statusOf(answer);
  if (status !== undefined && statuses.has(status)) return statusReading(status, answer, wallMs);
  const failure = readFailure(error);
  // a response had begun, whatever its status: so the request was sent
  return failure.kind === 'failure' && status !== undefined ? { ...failure, unsent: false } : failure;
}

/**
 * `undefined` where it is no response, or none that asks to come again. It must have headers too: what a program has
 * made of a response may well have a `status`.
 */
function readResponse(response: unknown, statuses: ReadonlySet<number>, wallMs: number): Reading | undefined {
  const status = statusOf(response);
  const headers = part(response, 'headers');
  if (status === undefined || !statuses.has(status) || typeof headers !== 'object' || !headers) return undefined;
  return statusReading(status, response, wallMs);
}

function statusReading(status: number, response: unknown, wallMs: number): Reading {
  const headers = part(response, 'headers');
  const retryAfter = header(headers, 'retry-after');
  const waitMs = retryAfter && retryAfterMs({ retryAfter, date: header(headers, 'date') }, wallMs);
  return typeof waitMs === 'number' ? { kind: 'status', status, retryAfterMs: waitMs } : { kind: 'status', status };
}

function readFailure(error: unknown): Reading {
  const causes = causesOf(error);
  const hangUp = causes.find(isHangUpError)?.hangUp;
  if (hangUp?.reason === 'aborted') return FAULT;
  if (hangUp) {
    const unsent = hangUp.evidence === 'unsent' || hangUp.evidence === 'undelivered';
    return { kind: 'failure', code: 'ECONNRESET', unsent };
  }
  const index = causes.findIndex((each) => isKnownCode(codeOf(each) ?? ''));
  const code = codeOf(causes[index]);
  if (code === undefined) return FAULT;
  // a client may repeat the code of what it wraps, but not the system call
  const same = causes.slice(index).filter((each) => codeOf(each) === code);
  const sent = meaningOf(code, same.some(isConnecting));
  if (sent === undefined) return FAULT;
  return { kind: 'failure', code, unsent: sent === 'unsent' && same.every(allUnsent) };
}

/** Node tries all the addresses of a name, and then throws an `AggregateError` of what came of each. */
function isConnecting(error: unknown): boolean {
  const errors = part(error, 'errors');
  if (Array.isArray(errors) && errors.length > 0) return errors.every(isConnecting);
  return part(error, 'syscall') === 'connect';
}

function allUnsent(error: unknown): boolean {
  const errors = part(error, 'errors');
  if (!Array.isArray(errors)) return true;
  return errors.every((each) => meaningOf(codeOf(each) ?? '', isConnecting(each)) === 'unsent');
}

function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let each = error; each !== undefined && causes.length < DEEPEST_CAUSE; each = part(each, 'cause')) {
    causes.push(each);
  }
  return causes;
}

function codeOf(error: unknown): string | undefined {
  const code = part(error, 'code');
  if (typeof code === 'string') return code;
  return part(error, 'name') === 'TimeoutError' ? 'TimeoutError' : undefined;
}

function statusOf(response: unknown): number | undefined {
  const status = part(response, 'statusCode') ?? part(response, 'status');
  return typeof status === 'number' ? status : undefined;
}

/** A header's value, of a `Headers` or of an object with names in any case. */
function header(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const get = part(headers, 'get');
  const value: unknown = typeof get === 'function' ? get.call(headers, name) : own(headers, name);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' || typeof first === 'number' ? String(first) : undefined;
}

function own(headers: object, name: string): unknown {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** A property of what may be anything. */
export function part(value: unknown, name: string | symbol): unknown {
  return typeof value === 'object' && value !== null ? (Reflect.get(value, name) as unknown) : undefined;
}
