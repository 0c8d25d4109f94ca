import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeResponse, failure, hangUp, refusal, retryWorld, watch } from '../../test/retry-world.js';

/** What B does with an attempt, and what its client makes of it. */
type Step = 'answer' | 'status' | 'refused' | 'hang-up' | 'fault';

interface Story {
  readonly steps: readonly { readonly step: Step; readonly tookMs: number; readonly retryAfterS: number }[];
  readonly leave: 'none' | 'idempotent' | 'keyed';
  readonly attempts: number;
  readonly deadlineMs: number | undefined;
  readonly abortAtMs: number | undefined;
  /** The client ends an attempt when its signal is aborted. */
  readonly heeds: boolean;
  readonly random: number;
}

const stories: fc.Arbitrary<Story> = fc.record({
  steps: fc.array(
    fc.record({
      step: fc.constantFrom<Step>('answer', 'status', 'refused', 'refused', 'hang-up', 'fault'),
      tookMs: fc.nat(400),
      retryAfterS: fc.nat(3),
    }),
    { minLength: 6, maxLength: 6 },
  ),
  leave: fc.constantFrom('none', 'idempotent', 'keyed'),
  attempts: fc.integer({ min: 1, max: 6 }),
  deadlineMs: fc.option(fc.integer({ min: 1, max: 4_000 }), { nil: undefined }),
  abortAtMs: fc.option(fc.nat(4_000), { nil: undefined }),
  heeds: fc.boolean(),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

/** Lives through a story, and gives what there is to judge it by. */
async function live(story: Story) {
  const { retry, clock, now, pass } = retryWorld(story.random);
  const abort = new AbortController();
  const reason = new Error('no more');
  const begun: { atMs: number; key: string | undefined }[] = [];
  const executed: number[] = [];
  const outcomes: unknown[] = [];
  const responses: FakeResponse[] = [];
  const fn = (attempt: { number: number; key: string | undefined; signal: AbortSignal }) => {
    begun.push({ atMs: now(), key: attempt.key });
    const { step, tookMs, retryAfterS } = story.steps[attempt.number - 1] ?? {
      step: 'answer',
      tookMs: 0,
      retryAfterS: 0,
    };
    if (step !== 'refused' && step !== 'fault') executed.push(attempt.number);
    return new Promise<unknown>((resolve, reject) => {
      const rejects = (error: unknown) => {
        outcomes.push(error);
        reject(error as Error);
      };
      const endWork = clock.timer(tookMs, () => {
        if (step === 'refused') return rejects(refusal());
        if (step === 'hang-up') return rejects(hangUp());
        if (step === 'fault') return rejects(failure('CERT_HAS_EXPIRED'));
        const response = new FakeResponse(step === 'answer' ? 200 : 503, { 'retry-after': `${retryAfterS}` });
        responses.push(response);
        outcomes.push(response);
        resolve(response);
      });
      if (!story.heeds) return;
      attempt.signal.addEventListener('abort', () => {
        endWork();
        reject(attempt.signal.reason as Error);
      });
    });
  };
  let settledAtMs = Number.POSITIVE_INFINITY;
  const call = retry(fn, {
    attempts: story.attempts,
    signal: abort.signal,
    ...(story.deadlineMs !== undefined && { deadlineMs: story.deadlineMs }),
    ...(story.leave === 'idempotent' && { idempotent: true }),
    ...(story.leave === 'keyed' && { key: 'auto' }),
  });
  void call.catch(() => {}).finally(() => (settledAtMs = now()));
  const settled = watch(call);
  if (story.abortAtMs !== undefined) clock.timer(story.abortAtMs, () => abort.abort(reason));
  await pass(60_000);
  return { settled, settledAtMs, begun, executed, outcomes, responses, reason, pending: clock.pendingTimers };
}

test('whatever B does and whenever its caller gives up: nothing twice without leave, nothing lost, nothing left over', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { settled, settledAtMs, begun, executed, outcomes, responses, reason, pending } = await live(story);
      const endMs = Math.min(story.deadlineMs ?? Infinity, story.abortAtMs ?? Infinity);

      expect(settled.done).toBe(true);
      expect(pending).toBe(0);
      expect(begun.length).toBeLessThanOrEqual(story.attempts);
      if (story.leave === 'none') expect(executed.length).toBeLessThanOrEqual(1);
      // nothing begins after the end, and nobody waits beyond it
      for (const { atMs } of begun.slice(1)) expect(atMs).toBeLessThanOrEqual(endMs);
      expect(settledAtMs).toBeLessThanOrEqual(endMs + (endMs === Infinity ? 0 : 1e-6));
      // one key for all attempts, or none
      expect(new Set(begun.map(({ key }) => key)).size).toBeLessThanOrEqual(1);
      // the caller has what the last attempt came to, or knows why not
      const got = settled.error ?? settled.value;
      const ended = got === reason || (got as Error).name === 'TimeoutError';
      if (!ended) expect(got).toBe(outcomes[begun.length - 1]);
      if (ended) expect(settledAtMs).toBeCloseTo(endMs, 6);
      // an answer that came before the end is never withheld, and all that is withheld was read to its end
      for (const response of responses) expect(response.drained, 'drained').toBe(response !== got);
      if (responses.some(({ statusCode }, index) => statusCode === 200 && index === begun.length - 1) && !ended) {
        expect(settled.value).toMatchObject({ statusCode: 200 });
      }
    }),
    { numRuns: 400 },
  );
});
