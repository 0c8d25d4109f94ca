import { type Paint, seconds, wrap } from '../terminal/text.js';
import type { HalfId } from './arms.js';
import type { Moment, Story } from './story.js';
import type { Summary } from './summary.js';

/** Tells one hang-up: its packets with their times, then what it means. */
export function storyText(story: Story, half: HalfId, summary: Summary, paint: Paint): string[] {
  const whose = half === 'own' ? 'One hang-up of A as it is' : 'One hang-up that Holdline met';
  const lines = story.moments.map((moment) => {
    const line = `  ${moment.atMs.toFixed(1).padStart(9)}  ${wordsFor(moment, story, half, summary)}`;
    return moment.what === 'error'
      ? paint('bad', line)
      : moment.what === 'replay-answered'
        ? paint('good', line)
        : line;
  });
  return [
    `  ${paint('title', whose)}, in ms from the moment the request left A:`,
    '',
    ...lines,
    '',
    ...meaningOf(story).flatMap((text) => wrap(text)),
  ];
}

function wordsFor({ what }: Moment, story: Story, half: HalfId, summary: Summary): string {
  switch (what) {
    case 'idle':
      return "B's last answer arrived; since then the connection was idle";
    case 'request-left':
      return `A sends ${nameOf(story)} on it`;
    case 'fin-left':
      return half === 'own'
        ? `B has waited ${seconds(summary.idleLimit.measuredMs)}: it closes, and its FIN leaves`
        : 'B closes, as it likes, and its FIN leaves';
    case 'fin-arrived':
      return "B's FIN arrives at A";
    case 'request-arrived':
      return 'the request arrives at B, where nobody reads it any more';
    case 'reset-left':
      return "B's kernel answers it with a RST";
    case 'reset-arrived':
      return 'the RST arrives at A';
    case 'replay-answered':
      return 'sent again on a new connection, it is answered';
    case 'error':
      return `A's code gets "${errorName(story)}"`;
  }
}

function nameOf({ kind }: Story): string {
  return kind === 'GET' ? 'a GET' : kind === 'POST' ? 'a POST without a key' : 'a POST with an idempotency key';
}

/** Holdline's messages are long; on the timeline their beginning is enough. */
function errorName({ surfaced }: Story): string {
  return (surfaced?.message ?? '').split(':')[0] ?? '';
}

function meaningOf(story: Story): string[] {
  const crossed = 'The request and the FIN of B crossed on the way.';
  if (story.replayedAs !== undefined) {
    return [
      `${crossed} ${CURES[story.replayedAs] ?? `Holdline sent it again: ${story.replayedAs}.`} A's code saw no error.`,
    ];
  }
  const executed = story.surfaced?.executed
    ? 'B had executed the request.'
    : "B's ledger does not hold it: sending it again would have done no harm.";
  if (story.surfaced?.reason !== undefined) return [`${crossed} ${executed} Holdline says: ${story.surfaced.message}`];
  return [
    `${crossed} Neither side did anything wrong, and the error does not tell A whether B has the request. ${executed}`,
  ];
}

const CURES: Readonly<Record<string, string>> = {
  undelivered:
    "When the FIN arrived, A's kernel still held the whole request, and then came a RST: B never got it, so that even a POST without a key may be sent again.",
  keyed: 'B honours idempotency keys, so that it may be sent again even if B had executed it.',
  idempotent: 'A GET may be executed twice, so that it may be sent again whatever B did with it.',
  unsent: 'Nothing of it had been sent, so that it may be sent on another connection.',
};
