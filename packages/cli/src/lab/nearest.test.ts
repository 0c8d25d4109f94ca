import { expect, test } from 'vitest';
import { nearest } from './nearest.js';

test('a slip of the finger is understood, another word is not', () => {
  expect(nearest('idle-close-fim', ['idle-close-fin', 'idle-close-408'])).toBe('idle-close-fin');
  expect(nearest('Matrix', ['seed', 'matrix'])).toBe('matrix');
  expect(nearest('elephant', ['seed', 'matrix'])).toBeUndefined();
});
