/** Text that is HTML already. Only {@link html} makes it, and {@link trusted} out of constants of our own. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What may stand in a template: all but markup is text, whatever it holds. */
export type Part = Markup | string | number | undefined | readonly Part[];

/** Builds HTML; what is put in is escaped, so that nothing a run wrote down can become markup. Quote attributes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.reduce((text, string, index) => text + textOf(parts[index - 1]) + string));
}

/** A constant of our own, such as the style sheet. Never what was read. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'string') return escape(part);
  return typeof part === 'number' ? String(part) : part.map(textOf).join('');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
