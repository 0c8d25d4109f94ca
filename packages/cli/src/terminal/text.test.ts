import { expect, test } from 'vitest';
import { code, plain, table, wrap } from './text.js';

test('wrap breaks between words, indents every line, and leaves a word that is too long whole', () => {
  expect(wrap('one two three', 2, 9)).toEqual(['  one two', '  three']);
  expect(wrap('abcdefghijkl', 2, 9)).toEqual(['  abcdefghijkl']);
});

test('wrap does not break code', () => {
  expect(wrap(`put ${code('new Agent()')} here`, 0, 12)).toEqual(['put', 'new Agent()', 'here']);
});

test('table aligns cells to the right and paints them whole', () => {
  const rows = [{ label: 'lost', cells: [{ text: '7', style: 'bad' as const }, { text: '12' }] }];
  expect(table(rows, plain, { labelWidth: 6, cellWidth: 4 })).toEqual(['  lost     7  12']);
  expect(table(rows, (style, text) => `<${style}${text}>`, { labelWidth: 6, cellWidth: 4 })).toEqual([
    '  lost  <bad   7>  12',
  ]);
});
