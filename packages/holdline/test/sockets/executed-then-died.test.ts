import { describe, expect, test } from 'vitest';
import { deaths, executesAndDies } from './deaths.js';
import { ask, failureOf, patientAgent } from './support.js';

const TRIALS = 5;

describe('B executes a POST at once, in much less than a round trip', () => {
  for (const [what, die] of Object.entries(deaths)) {
    for (const size of [1, 60_000]) {
      test(`and ${what}: a POST of ${size} bytes is never sent again`, async () => {
        const b = await executesAndDies(die);
        const agent = patientAgent(b);
        for (let trial = 0; trial < TRIALS; trial++) {
          const { request } = await ask({ port: b.port, agent });
          // as tracing tools do; Node remembers it, and cannot find it out any more when a RST has come
          expect(request.socket?.remoteAddress).toBe('127.0.0.1');
          const post = { port: b.port, agent, method: 'POST', path: `/${trial}` };
          const { hangUp } = await failureOf(ask(post, Buffer.alloc(size)));
          expect(hangUp).toMatchObject({ reused: true, verdict: 'surface' });
          expect(hangUp.evidence).not.toBe('undelivered');
        }
        expect(b.executed).toEqual(['/0', '/1', '/2', '/3', '/4']);
      });
    }
  }
});
