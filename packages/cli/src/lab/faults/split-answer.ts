import type { Fault } from '../roles.js';

/** About as long as an answer is, head and body. */
const ANSWER_BYTES = 180;

/** B's answer comes in two parts, cut anywhere: in the status line, in a header, in the body. */
export const splitAnswer: Fault = {
  id: 'split-answer',
  title: 'split answer',
  needs: { directives: ['split-answer'] },
  directive: (_step, random) =>
    random.chance(0.5)
      ? { do: 'split-answer', at: Math.floor(random.between(1, ANSWER_BYTES)), pauseMs: random.between(1, 40) }
      : undefined,
};
