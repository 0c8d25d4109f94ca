import type { Evidence } from '../policy/evidence.js';
import type { Reason } from '../policy/verdict.js';

/** What is known of one hang-up. It holds no path, query, header or body of the request. */
export interface HangUp {
  readonly verdict: 'replay' | 'surface';
  readonly reason: Reason;
  readonly evidence: Evidence;
  /** Whether the connection had served a request before. */
  readonly reused: boolean;
  /** How long the connection had been idle when the request was written, in ms. */
  readonly idleMs: number;
  /** The idle limit that was believed, in ms. */
  readonly limitMs: number;
  /** The server's `Keep-Alive: timeout`, in ms, if it said one. */
  readonly hintMs: number | undefined;
  readonly origin: string;
  /** Requests that the connection had served before this one. */
  readonly requests: number;
  /** What to change so that it does not happen again. */
  readonly fix: string;
}

/** What {@link explain} needs to know. */
export type HangUpStory = Omit<HangUp, 'fix' | 'verdict'> & {
  readonly method: string;
  readonly how: string;
  /** It is idempotent, or keyed and honoured. */
  readonly mayRunTwice: boolean;
  /** What went wrong with the replay. */
  readonly detail?: string;
  /** A new connection hung up on a client of Node's, whose users may know Node's message for it. */
  readonly inNodesWords?: boolean;
};

/** Why the request was not sent again, and what to change, for each reason that lets a hang-up surface. */
const EXPLANATIONS: Readonly<Record<Reason, (story: HangUpStory) => { why: string; fix: string }>> = {
  aborted: () => ({
    why: 'the caller had aborted it or been told of a timeout',
    fix: 'Nothing: the request was no longer wanted.',
  }),
  'response-started': () => ({
    why: 'its response had begun',
    fix: 'Look at the server: it broke off an answer.',
  }),
  'fresh-connection': () => ({
    why: 'this was a new connection, so its idle time is not the cause',
    fix: 'Look for a crash, a restart or a refused TLS connection at the server or a proxy before it; retry with backoff if the request may run twice.',
  }),
  'already-replayed': () => ({
    why: 'it had been sent again once already',
    fix: 'The server keeps closing: look at its log; a retry with backoff is what helps here.',
  }),
  'not-recorded': () => ({
    why: 'it is larger than the replay buffer, so not all of it was at hand',
    fix: 'Raise replayBufferBytes, or retry it yourself if it may run twice.',
  }),
  'replay-off': () => ({
    why: 'the mode or the replay option forbids it',
    fix: "Set mode: 'on' and replay: 'safe'.",
  }),
  'budget-empty': (story) => ({
    why: 'too many requests were sent again lately',
    fix: `Find out why so many connections end${limitAdvice(story)}; or raise budget.`,
  }),
  'no-evidence': (story) => ({
    why: story.mayRunTwice
      ? "nothing shows that the server did not get it, and replay: 'evidence' asks for that"
      : `nothing shows that the server did not get it, and a ${story.method} without an idempotency key that the origin honours must not run twice`,
    fix: story.mayRunTwice
      ? "Set replay: 'safe'."
      : `Send an Idempotency-Key and declare origins['${story.origin}'].idempotencyKeys if the server honours it${limitAdvice(story)}.`,
  }),
  'replay-connect-failed': (story) => ({
    why: `no new connection could be opened (${story.detail ?? 'unknown error'})`,
    fix: 'The server may be restarting; retry with backoff if the request may run twice.',
  }),
  unsent: never,
  idempotent: never,
  keyed: never,
  undelivered: never,
  likely: never,
};

/** Puts a hang-up into words: who closed, when, whether the server got the request, why it was not sent again. */
export function explain(story: HangUpStory): { message: string; fix: string } {
  const { why, fix } = EXPLANATIONS[story.reason](story);
  const idle = story.reused
    ? `a connection that had been idle for ${seconds(story.idleMs)} and had served ${count(story.requests, 'request')}`
    : 'a new connection';
  const message = `socket hang up: ${story.origin} ${ended(story.how)} ${idle}, under a ${story.method}. ${received(story)}. It was not sent again: ${why}. ${fix}`;
  return { message, fix };
}

function ended(how: string): string {
  switch (how) {
    case 'fin':
      return 'closed';
    case 'reset':
      return 'reset';
    default:
      return 'broke off';
  }
}

function received(story: HangUpStory): string {
  switch (story.evidence) {
    case 'unsent':
      return 'None of it was sent';
    case 'undelivered':
      return 'The server did not get it';
    case 'likely':
      return 'The server probably did not get it';
    default:
      return 'The server may have got it';
  }
}

/** Only an idle time that is near or above the limit is worth mentioning as a remedy. */
function limitAdvice(story: HangUpStory): string {
  if (!story.reused || story.idleMs < 500) return '';
  return `; if this server closes after about ${seconds(story.idleMs)}, state it in origins['${story.origin}'].idleLimitMs: ${Math.floor(story.idleMs)}`;
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

function never(): { why: string; fix: string } {
  return { why: '', fix: '' };
}
