import { html, type Markup } from './markup.js';

/** What the words of the page mean: each with the name of its anchor. */
const words = {
  verdict: [
    'pass, fail, unknown',
    'Unknown: what was to be shown did not happen, such as no crossing, or a client that is not installed.',
  ],
  peer: [
    'peer',
    'A client that has nothing to do with Holdline. What it does is shown, and judged only where it puts the lab itself in doubt.',
  ],
  'hang-up': [
    'hang-up, hung up',
    'The connection ended under a request before the first byte of its answer, and the caller got an error.',
  ],
  surfaced: [
    'surfaced',
    'A hang-up that reached the caller. Executed: B had done it; not executed: it could have been sent again.',
  ],
  uncured: [
    'uncured',
    'Hung up though nothing stood against sending it again: idempotent or keyed, and no reason named that forbids it.',
  ],
  twice: [
    'twice',
    'B executed a request more than once: of a plain POST every one counts, of a keyed POST every second effect. A GET that is executed twice does no harm, and is told in the details.',
  ],
  lost: ['lost', 'Answered, but not in B’s ledger.'],
  silent: ['silent', 'Neither an answer nor an error came.'],
  'mixed-up': ['mixed up', 'Answered with the answer to another request.'],
  crossing: [
    'crossing',
    'A request was on its way while B’s close was on its way. Who never reuses a connection has none, and has shown nothing.',
  ],
  replay: ['replay', 'The same bytes, again, on a connection opened for them, at once.'],
  cured: ['cured', 'Sent again by the client, and then answered: the caller saw no error.'],
  'keyed-post': ['keyed POST', 'A POST with an idempotency key, at an origin that honours keys.'],
  'idle-time': [
    'idle time',
    'From the last byte of an answer to the next request, on a connection that no request holds.',
  ],
  'idle-limit': ['idle limit', 'The idle time after which B closes.'],
  'danger-window': [
    'danger window',
    'Idle times at which a request may cross B’s close: from the idle limit − round trip to the idle limit + the lag of the client.',
  ],
  oracle: [
    'oracle',
    'A client that knows the true limit beforehand, given the same traffic: nobody needs fewer connects and hangs up never.',
  ],
  connects: ['connects', 'Connections opened. By method: requests sent on a connection that had not served before.'],
  ledger: ['ledger', 'The file in which B writes down each execution before it answers. It is the judge.'],
} as const satisfies Record<string, readonly [string, string]>;

/** A link to what a word means, as a header of a table has it. */
export function word(name: keyof typeof words, text: string): Markup {
  return html`<a class="word" href="#word-${name}">${text}</a>`;
}

/** All of them. */
export function glossary(): Markup {
  const entries = Object.entries(words).map(
    ([name, [term, meaning]]) => html`<div id="word-${name}"><dt>${term}</dt><dd>${meaning}</dd></div>`,
  );
  return html`<section aria-labelledby="words"><h2 id="words">What the words mean</h2><dl class="words">${entries}</dl></section>`;
}
