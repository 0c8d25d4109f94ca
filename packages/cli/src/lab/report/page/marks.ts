import type { Verdict } from '../../summary.js';
import { html, type Markup } from './markup.js';

const SHAPES = { pass: '✓', fail: '✕', unknown: '?', skipped: '–' } as const;

/** A verdict by shape, colour, and a word for who sees neither. */
export function verdictMark(verdict: Verdict | 'skipped'): Markup {
  const said = verdict === 'skipped' ? 'not run' : verdict;
  return html`<span class="mark ${verdict}" title="${said}"><span aria-hidden="true">${SHAPES[verdict]}</span><span class="unseen">${said}</span></span>`;
}

/** The header of a client's row. */
export function clientHeader(title: string): Markup {
  return html`<th scope="row" class="client">${title}</th>`;
}

/** The class of a client's row. */
export function rowClass(onHoldline: boolean): string {
  return onHoldline ? 'holdline' : '';
}

/** A part of the page that scrolls by itself, with the keyboard too. */
export function scrolling(label: string, content: Markup, className = ''): Markup {
  return html`<div class="scrolls ${className}" role="region" aria-label="${label}" tabindex="0">${content}</div>`;
}
