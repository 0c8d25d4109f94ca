import { type Client, keepsForMs } from '../../knowledge/client.js';
import { clients } from '../../knowledge/clients.js';
import type { Limit } from './limit.js';

/** What goes into advice: the limit that counts, and what blurs it. Times in ms. */
export interface AdviceFacts {
  readonly limit: Limit;
  readonly advertisedMs?: number;
  readonly rttMs: number;
  /** How late the event loop of this probe ran; stands for a client's. */
  readonly lagMs: number;
}

/** Idle times at which a request may cross the server's FIN. */
export interface DangerWindow {
  readonly fromMs: number;
  /** Null: it has no end, for no FIN tells the client. */
  readonly toMs: number | null;
}

/** What a client does against the server by its defaults. */
export interface ClientVerdict {
  readonly id: string;
  readonly name: string;
  readonly kind: Client['kind'];
  /** How long it keeps an idle connection to this server, in ms; null: until the server closes it. */
  readonly keepsMs: number | null;
  /** `in-time`: lets go before the danger window. `meets`: some requests meet the close. `unknown`: the limit was not found. */
  readonly verdict: 'in-time' | 'meets' | 'unknown';
  readonly retries: Client['retries'];
}

/** The idle times between which the server, or what lies before it, may give up the connection. */
export function edges(limit: Limit): { readonly lowMs: number; readonly highMs: number } | undefined {
  if (limit.kind === 'closed') {
    const { lowMs, highMs, doubtMs } = limit;
    return { lowMs: Math.max(0, lowMs - doubtMs), highMs: highMs + doubtMs };
  }
  if (limit.kind === 'silent') return { lowMs: limit.answeredMs, highMs: limit.unansweredMs };
  return undefined;
}

/** (limit − RTT, limit + client lag). Undefined where no limit was found. */
export function dangerWindow({ limit, rttMs, lagMs }: AdviceFacts): DangerWindow | undefined {
  const found = edges(limit);
  if (!found) return undefined;
  const toMs = limit.kind === 'silent' ? null : found.highMs + lagMs;
  return { fromMs: Math.max(0, found.lowMs - rttMs), toMs };
}

/**
 * The idle time from which a client should no longer reuse a connection: what the server promised or was seen to do,
 * whichever is less, less a margin of a second, or a fifth, and at least twice what was measured to blur it.
 *
 * @returns ms, round; undefined where connections are not kept, or not enough was seen.
 */
export function cutoffMs({ limit, advertisedMs, rttMs, lagMs }: AdviceFacts): number | undefined {
  // Of a connection that was merely open nobody knows whether it could still be used.
  if (limit.kind === 'none' || (limit.kind === 'beyond' && !limit.used)) return undefined;
  const found = edges(limit);
  const seenMs = limit.kind === 'beyond' ? limit.moreThanMs : (found?.lowMs ?? 0);
  const baseMs = Math.min(seenMs, advertisedMs || Number.POSITIVE_INFINITY);
  const spreadMs = limit.kind === 'closed' && found ? found.highMs - found.lowMs : 0;
  const marginMs = Math.min(baseMs / 2, Math.max(Math.min(1_000, baseMs / 5), 2 * (rttMs + lagMs + spreadMs)));
  return roundDown(baseMs - marginMs);
}

function roundDown(ms: number): number {
  const step = ms >= 10_000 ? 1_000 : ms >= 1_000 ? 100 : ms >= 20 ? 10 : 1;
  return Math.max(1, Math.floor(ms / step + 1e-6) * step);
}

/** What each client does against this server by its defaults. */
export function clientVerdicts(facts: AdviceFacts): readonly ClientVerdict[] {
  return clients.map((client) => {
    const keepsMs = keepsForMs(client, facts.advertisedMs);
    const { id, name, kind, retries } = client;
    return {
      id,
      name,
      kind,
      retries,
      keepsMs: Number.isFinite(keepsMs) ? keepsMs : null,
      verdict: verdictOn(keepsMs, facts),
    };
  });
}

/** Whether a client that keeps idle connections so long meets the close. */
export function verdictOn(keepsMs: number, facts: AdviceFacts): ClientVerdict['verdict'] {
  const { limit } = facts;
  if (limit.kind === 'none') return 'in-time';
  if (limit.kind === 'beyond') return keepsMs < limit.moreThanMs ? 'in-time' : 'unknown';
  const window = dangerWindow(facts);
  // A client's timer is late by its own lag, as its notice of a FIN is.
  return window && keepsMs + facts.lagMs > window.fromMs ? 'meets' : 'in-time';
}
