import type { Fault } from '../roles.js';

/** Nothing goes wrong: what the others are compared with. */
export const none: Fault = {
  id: 'none',
  title: 'nothing goes wrong',
};
