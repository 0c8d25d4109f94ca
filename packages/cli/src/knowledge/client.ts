/** What to set a client to: the numbers that a snippet is made from. */
export interface SnippetFacts {
  /** The idle time from which the client must no longer reuse a connection, in ms. */
  readonly cutoffMs: number;
  /** The server's idle limit, in ms. */
  readonly limitMs: number;
  /** Scheme, host and port, as in `https://b.example`. */
  readonly origin: string;
}

/** Code, or a setting, to paste. */
export interface Snippet {
  readonly title: string;
  /** For a code fence, as in `js`. */
  readonly language: string;
  readonly code: string;
}

/** What a client makes of `Keep-Alive: timeout`. */
export type HintRule =
  | { readonly rule: 'ignored' }
  /** The lower of its own time and the hint, less a margin in ms. */
  | { readonly rule: 'lowers'; readonly marginMs: number }
  /** The hint, less a margin, in place of its own time; up to `capMs`. */
  | { readonly rule: 'replaces'; readonly marginMs: number; readonly capMs?: number };

/** What a client sends again by itself after a hang-up on a connection that it reused. */
export type OwnRetries =
  | 'nothing'
  /** Only what it had not begun to write. */
  | 'unsent'
  /** Methods that may be repeated: a POST surfaces. */
  | 'idempotent'
  /** All, a POST that may have been executed too. */
  | 'everything';

/** What is known of a client, or of a proxy in its role of one: what it does by its defaults, and how to set it. */
export interface Client {
  /** As in `--client got`. */
  readonly id: string;
  readonly name: string;
  readonly kind: 'library' | 'proxy' | 'browser';
  /** How long it keeps an idle connection by its defaults, in ms; `Infinity`: until the server closes it. */
  readonly idleMs: number;
  readonly hint: HintRule;
  readonly retries: OwnRetries;
  /** Where this is from. */
  readonly source: string;
  /** What a reader should know besides. */
  readonly note?: string;
  /** Where it is set; Holdline first where it can be used, but never only. Empty where it cannot be set. */
  readonly snippets: (facts: SnippetFacts) => readonly Snippet[];
}

/**
 * How long a client keeps an idle connection to a server with this hint.
 *
 * @param hintMs - `Keep-Alive: timeout`, in ms; undefined where the server does not advertise.
 * @returns ms; `Infinity` where the client never lets go, 0 where it does not reuse at all.
 */
export function keepsForMs({ idleMs, hint }: Client, hintMs: number | undefined): number {
  if (hintMs === undefined || hint.rule === 'ignored') return idleMs;
  const hinted = Math.max(0, hintMs - hint.marginMs);
  return hint.rule === 'lowers' ? Math.min(idleMs, hinted) : Math.min(hint.capMs ?? Number.POSITIVE_INFINITY, hinted);
}

/** A duration as configuration files write it: `4s`, or `3500ms` where it is not whole. */
export function configTime(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${Math.round(ms)}ms`;
}

/** Whole seconds, rounded down, for what takes nothing finer. */
export function wholeSeconds(ms: number): number {
  return Math.max(1, Math.floor(ms / 1_000));
}

/** A number as JavaScript is written by hand: `75_000`. */
export function jsNumber(ms: number): string {
  return String(Math.round(ms)).replaceAll(/\B(?=(\d{3})+(?!\d))/g, '_');
}
