import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Choices, replayWalk, walk, walkAlong } from './choices.js';

describe('a walk', () => {
  it('comes by every sequence of choices once', async () => {
    const words: string[] = [];
    const runs = await walk((choices) => {
      let word = '';
      while (word.length < 3 && !word.includes('!')) word += choices.among(['a', 'b', '!']);
      words.push(word);
    }, 100);
    expect(runs).toBe(words.length);
    expect(words.slice(0, 4)).toEqual(['aaa', 'aab', 'aa!', 'aba']);
    expect(new Set(words).size).toBe(words.length);
    expect(words.length).toBe(8 + 4 + 2 + 1);
  });

  it('fails where it is larger than its bound', async () => {
    const endless = async (choices: Choices) => void (await Promise.resolve(choices.among([1, 2, 3])));
    await expect(walk(endless, 2)).rejects.toThrow('more than 2 runs');
  });

  it('tells by which choices it failed, and runs them again', async () => {
    const cause = new Error('wrong');
    const scenario = (choices: Choices) => {
      if (choices.among(['x', 'y']) + choices.among(['x', 'y']) + choices.among(['x', 'y']) === 'yxx') throw cause;
    };
    const failure = await walk(scenario, 100).catch((error: Error) => error);
    expect(failure).toMatchObject({
      message: "wrong\nafter: y · x · x\nreplayWalk(scenario, '1') runs it again",
      cause,
    });
    await expect(replayWalk(scenario, '1')).rejects.toThrow('after: y · x · x');
    await expect(replayWalk(scenario, '1.1')).resolves.toBeUndefined();
    await expect(replayWalk(scenario, '2')).rejects.toThrow('choice 0 is 2; there are 2 options');
  });

  it('goes along any numbers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat()), async (numbers) => {
        const chosen: number[] = [];
        await walkAlong((choices) => {
          for (let count = 1; count < 5; count++)
            chosen.push(choices.among(Array.from({ length: count }, (_, i) => i)));
        }, numbers);
        expect(chosen).toEqual([1, 2, 3, 4].map((count, index) => (numbers[index] ?? 0) % count));
      }),
    );
  });
});
