import type { State } from '../data/matrix.js';
import { html, type Markup } from './markup.js';

const SHAPES = { pass: '✓', fail: '✕', unknown: '?', harmed: '!', skipped: '–' } as const;
const SAID = { pass: 'pass', fail: 'fail', unknown: 'unknown', harmed: 'harmed', skipped: 'not run' } as const;

/** A state by shape, colour, and a word for who sees neither. */
export function stateMark(state: State): Markup {
  return html`<span class="mark ${state}" title="${SAID[state]}"><span aria-hidden="true">${SHAPES[state]}</span><span class="unseen">${SAID[state]}</span></span>`;
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
