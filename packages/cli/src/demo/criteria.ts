import type { ArmResult, Criterion, HalfResult } from './summary.js';

/** Whether the demo showed what it is there to show. */
export function judge(halves: readonly HalfResult[], planned: Readonly<Record<string, number>>): Criterion[] {
  const arms = halves.flatMap((half) => half.arms);
  const asItIs = arms.filter(({ sending }) => sending === 'pooled');
  const holdline = arms.filter(({ sending }) => sending === 'holdline');
  const short = arms.filter(({ id, sent }) => sent !== planned[id]);
  const hangUps = sum(asItIs, ({ hungUp }) => hungUp);
  const lost = sum(holdline, (arm) => arm.lost + arm.silent);
  const otherErrors = sum(holdline, ({ failed }) => failed);
  const twice = sum(holdline, ({ executedTwice }) => executedTwice.POST);
  const unexplained = sum(holdline, ({ hungUpUnexplained }) => hungUpUnexplained);
  return [
    criterion('complete', short.length === 0, {
      good: 'every arm sent all its requests',
      bad: `${short.map(({ id, sent }) => `${id} sent ${sent} of ${planned[id]}`).join(', ')}: the machine is too busy, or an arm is stuck`,
    }),
    criterion('a-hangs-up', hangUps > 0, {
      good: `A as it is hung up ${times(hangUps)}`,
      bad: 'A as it is did not hang up at all, so nothing was shown; another --seed may do it',
    }),
    criterion('nothing-lost', lost === 0, {
      good: 'Holdline lost nothing',
      bad: `Holdline lost ${lost}: answered but not in B's ledger, or neither an answer nor an error`,
    }),
    criterion('no-other-errors', otherErrors === 0, {
      good: 'Holdline gave no other errors',
      bad: `Holdline gave ${otherErrors} errors that are no hang-ups`,
    }),
    criterion('never-twice', twice === 0, {
      good: 'Holdline executed no POST without a key twice',
      bad: `Holdline executed ${twice} POSTs without a key twice`,
    }),
    criterion('explained', unexplained === 0, {
      good: 'Holdline let no hang-up through that B had not executed without naming the reason',
      bad: `Holdline let ${unexplained} hang-ups through that B had not executed, and named no reason`,
    }),
  ];
}

function criterion(name: string, holds: boolean, words: { good: string; bad: string }): Criterion {
  return { name, holds, found: holds ? words.good : words.bad };
}

function sum(arms: readonly ArmResult[], of: (arm: ArmResult) => number): number {
  return arms.reduce((total, arm) => total + of(arm), 0);
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
