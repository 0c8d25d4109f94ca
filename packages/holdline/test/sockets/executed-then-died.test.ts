import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { answer, ask, failureOf, onRequests, patientAgent, serveRaw } from './support.js';

/** B's answers take this long, so A waits somewhat longer for a RST that may follow a FIN. */
const ANSWER_MS = 20;
const TRIALS = 5;

/** How B ends the connection over a POST that it has executed. */
const deaths: Readonly<Record<string, (socket: Socket) => void>> = {
  'closes it': (socket) => void socket.destroy(),
  'resets it': (socket) => void socket.resetAndDestroy(),
  'half-closes it, and resets it before A could look': (socket) => {
    socket.end(() => socket.resetAndDestroy());
  },
  'half-closes it, and resets it while A looks for evidence': (socket) => {
    socket.end(() => setTimeout(() => socket.resetAndDestroy(), ANSWER_MS / 4));
  },
  'half-closes it, and closes it much later': (socket) => {
    socket.end(() => setTimeout(() => socket.destroy(), ANSWER_MS * 3));
  },
};

describe('B executes a POST at once, in much less than a round trip', () => {
  for (const [what, die] of Object.entries(deaths)) {
    for (const size of [1, 60_000]) {
      test(`and ${what}: a POST of ${size} bytes is never sent again`, async () => {
        const executed: string[] = [];
        const b = await serveRaw((socket) => {
          onRequests(socket, (head) => {
            const [method, path = ''] = head.split(' ');
            if (method === 'POST') {
              executed.push(path);
              die(socket);
            } else setTimeout(() => socket.write(answer('ok')), ANSWER_MS);
          });
        });
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
        expect(executed).toEqual(['/0', '/1', '/2', '/3', '/4']);
      });
    }
  }
});
