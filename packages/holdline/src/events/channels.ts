import { type Channel, channel } from 'node:diagnostics_channel';
import type { RetryReason, StopReason } from '../policy/retry.js';
import type { Reason } from '../policy/verdict.js';
import type { HangUp } from './hang-up.js';

/**
 * The names of Holdline's `diagnostics_channel`s. Nothing is made or published where nobody listens.
 *
 * @example
 * import { subscribe } from 'node:diagnostics_channel';
 * import { channels } from 'holdline';
 *
 * subscribe(channels.hangUp, ({ origin, verdict, reason }) => console.log(origin, verdict, reason));
 */
export const channels = {
  /** {@link HangUpEvent}: a connection ended under a request, cured or not. */
  hangUp: 'holdline:hang-up',
  /** {@link ReplayEvent}: what became of a request that was sent again. */
  replay: 'holdline:replay',
  /** {@link LetGoEvent}: an idle connection was let go. */
  letGo: 'holdline:let-go',
  /** {@link RetryEvent}: what was decided after an attempt (`holdline/retry`). */
  retry: 'holdline:retry',
  /** {@link ServerCloseEvent}: a server of `holdline/server` ended a connection. */
  serverClose: 'holdline:server-close',
  /** {@link ServerKeptEvent}: a server of `holdline/server` kept a connection, for a request had come late. */
  serverKept: 'holdline:server-kept',
  /** {@link ServerDrainEvent}: a drain of `holdline/server` came a step further. */
  serverDrain: 'holdline:server-drain',
  /** {@link FaultEvent}: a Line stepped out of the way. */
  fault: 'holdline:fault',
} as const;

/** How a hang-up showed itself: the server's FIN, a RST or another error, or a 408 on a reused connection. */
export type HangUpSign = 'fin' | 'reset' | '408' | 'error';

/** A {@link HangUp} with what only an observer wants to know. */
export interface HangUpEvent extends Omit<HangUp, 'verdict' | 'reason'> {
  /** `let-go`: in mode `observe`, `on` would have let go of the connection before the request was written. */
  readonly verdict: 'replay' | 'surface' | 'let-go';
  /** Of the verdict; where that is `let-go`, why. */
  readonly reason: Reason | LetGoReason;
  readonly method: string;
  readonly how: HangUpSign;
  /** From the request's first byte to the end of the connection, in ms; 0 if nothing was sent. */
  readonly closedAfterMs: number;
  /** The connection's TCP handshake, in ms. */
  readonly rttMs: number;
  /** The mode is `observe`: the verdict is what `on` would have done, and the caller has seen the hang-up. */
  readonly observed: boolean;
}

/** What became of a request that was sent again. */
export interface ReplayEvent {
  readonly origin: string;
  readonly method: string;
  readonly reason: Reason;
  /** Whether a response began. */
  readonly ok: boolean;
  /** From the hang-up to the response's first byte or the failure, in ms. */
  readonly tookMs: number;
}

/**
 * Why an idle connection was let go: its cutoff or its number of requests was reached; it was seen to be closed or
 * reset before a request was written; bytes came that nobody had asked for; a sibling that was idle no longer than it
 * hung up; the server ended it.
 */
export type LetGoReason = 'cutoff' | 'max-requests' | 'closed' | 'reset' | 'unsolicited-bytes' | 'sibling' | 'idle-end';

/** An idle connection was let go. */
export interface LetGoEvent {
  readonly origin: string;
  readonly reason: LetGoReason;
  readonly idleMs: number;
  /** Requests that it had served. */
  readonly requests: number;
  /** The mode is `observe`: the connection was used all the same, and `on` would have let it go. */
  readonly observed: boolean;
}

/**
 * What was decided after an attempt of `retry`, `withRetry` or `retryInterceptor` (`holdline/retry`). The event whose
 * `action` is `stop` is the last one of its call: `attempt` is then how many there were, and `reason` why there is no
 * other. Published in the async context of the call.
 *
 * @example
 * import { subscribe } from 'node:diagnostics_channel';
 * import { channels } from 'holdline/retry';
 *
 * subscribe(channels.retry, ({ action, reason, attempt, origin }) => {
 *   if (action === 'stop' && reason !== 'answered') console.error(`${origin}: ${reason} after ${attempt} attempts`);
 * });
 */
export interface RetryEvent {
  /** As the caller of `retry` named it, or that of the URL; `undefined` where there is none. */
  readonly origin: string | undefined;
  /** Which attempt it was, from 1. */
  readonly attempt: number;
  readonly action: 'retry' | 'stop';
  readonly reason: RetryReason | StopReason;
  /** The wait before the next attempt, in ms. */
  readonly delayMs: number | undefined;
  /** Of the response that asked to come again. */
  readonly status: number | undefined;
  /** Of the failure that another attempt may mend. */
  readonly code: string | undefined;
  /** What the attempt was rejected with, itself: the error that the caller gets, if there is no other attempt. */
  readonly error: unknown;
  /** Since the call began, in ms. */
  readonly tookMs: number;
}

/**
 * Why a server of `holdline/server` ended a connection: its idle time was over (`silent`: no request had ever come); there
 * were more idle ones than `maxIdleConnections`; its last response was sent.
 */
export type ServerCloseReason = 'idle' | 'silent' | 'flood' | 'response';

/** A server of `holdline/server` ended a connection by a FIN; after a last response (`response`) it reads on for a while. */
export interface ServerCloseEvent {
  readonly reason: ServerCloseReason;
  readonly idleMs: number;
  /** Requests that it had served. */
  readonly requests: number;
  /** It was ended before the time that its client was promised: a request may be on its way, and lost. */
  readonly promiseBroken: boolean;
}

/** A connection's idle time was over, but bytes had come for it, so it was kept. */
export interface ServerKeptEvent {
  readonly idleMs: number;
}

/** The steps of a drain, in their order. */
export type DrainStep = 'notice' | 'stop-accepting' | 'drained' | 'limit';

/** A drain came a step further. */
export interface ServerDrainEvent {
  readonly step: DrainStep;
  /** Since the drain began, in ms. */
  readonly afterMs: number;
  /** Connections that are open. */
  readonly open: number;
}

/** A Line no longer understands what its client writes, or met a fault of its own, and only passes bytes on. */
export interface FaultEvent {
  readonly origin: string;
  readonly error: Error;
}

/** A channel with the type of what it carries. */
interface TypedChannel<Event> {
  /** Publishes what `event` makes, if anybody listens. */
  publish(event: () => Event): void;
}

function typed<Event>(name: string): TypedChannel<Event> {
  const plain: Channel = channel(name);
  return {
    publish(event) {
      if (plain.hasSubscribers) plain.publish(event());
    },
  };
}

export const hangUpChannel = typed<HangUpEvent>(channels.hangUp);
export const replayChannel = typed<ReplayEvent>(channels.replay);
export const letGoChannel = typed<LetGoEvent>(channels.letGo);
export const retryChannel = typed<RetryEvent>(channels.retry);
export const serverCloseChannel = typed<ServerCloseEvent>(channels.serverClose);
export const serverKeptChannel = typed<ServerKeptEvent>(channels.serverKept);
export const serverDrainChannel = typed<ServerDrainEvent>(channels.serverDrain);
export const faultChannel = typed<FaultEvent>(channels.fault);
