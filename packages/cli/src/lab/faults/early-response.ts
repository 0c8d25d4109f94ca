import type { Fault } from '../roles.js';

/** B answers when it has read no more than the head: taken, or refused with 413 and not executed. */
export const earlyResponse: Fault = {
  id: 'early-response',
  title: 'early answer',
  needs: { directives: ['answer-early'] },
  directive: ({ kind }, random) => {
    if (kind === 'GET' || !random.chance(0.3)) return undefined;
    return { do: 'answer-early', status: random.chance(0.5) ? 200 : 413 };
  },
};
