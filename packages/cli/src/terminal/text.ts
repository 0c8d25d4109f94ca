import { styleText } from 'node:util';

/** What a style means, not how it looks. */
export type Style = 'title' | 'faint' | 'good' | 'bad' | 'warn';

/** Puts a style on text; changes nothing where colour is not wanted. */
export type Paint = (style: Style, text: string) => string;

/** The width that the screen is laid out for. */
export const WIDTH = 80;

const LOOKS = { title: 'bold', faint: 'dim', good: 'green', bad: 'red', warn: 'yellow' } as const;

/** Leaves text as it is. */
export const plain: Paint = (_style, text) => text;

/** Paints if the stream is a terminal with colours; `NO_COLOR` and `TERM=dumb` are honoured. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return stream.isTTY && stream.hasColors() ? (style, text) => styleText(LOOKS[style], text) : plain;
}

/** Breaks text into lines that fit, each with an indent. */
export function wrap(text: string, indent = 2, width = WIDTH): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((one) => ' '.repeat(indent) + one.replaceAll(NO_BREAK, ' '));
}

const NO_BREAK = '\u00a0';

/** Keeps {@link wrap} from breaking a piece of code. */
export function code(text: string): string {
  return text.replaceAll(' ', NO_BREAK);
}

/** A cell of a table; `style` paints it after it was padded. */
export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

/** Lays out rows of a label and right-aligned cells. */
export function table(
  rows: readonly { readonly label: string; readonly cells: readonly Cell[] }[],
  paint: Paint,
  { labelWidth = 25, cellWidth = 13 } = {},
): string[] {
  return rows.map(({ label, cells }) => {
    const painted = cells.map(({ text, style }) => {
      const padded = text.padStart(cellWidth);
      return style ? paint(style, padded) : padded;
    });
    return `  ${label.padEnd(labelWidth)}${painted.join('')}`;
  });
}

/** A duration in seconds with one decimal, as in `6.0 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** A count with its noun, as in `1 request` or `3 requests`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A heading, with a line to the right margin. */
export function rule(title: string, paint: Paint, width = WIDTH): string {
  const fitting = title.length > width - 4 ? `${title.slice(0, width - 5)}…` : title;
  return `  ${paint('title', fitting)} ${paint('faint', '─'.repeat(Math.max(0, width - fitting.length - 5)))}`;
}

/** A name in a column of its own, and text that wraps beside it. */
export function fact(name: string, text: string, { nameWidth = 10, width = WIDTH } = {}): string[] {
  return wrap(text, nameWidth + 2, width).map((line, index) =>
    index === 0 ? `  ${name.padEnd(nameWidth)}${line.trimStart()}` : line,
  );
}
