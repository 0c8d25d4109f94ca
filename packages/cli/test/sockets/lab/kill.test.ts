import { expect, test } from 'vitest';
import { servers } from '../../../dist/lab/servers/index.js';
import type { ServerSpec } from '../../../src/lab/roles.js';
import { full, HOST, pass, RawClient, startServer, type TestServer } from './support.js';

const CALLERS = 20;
const KILLS = full ? 20 : 3;

/** Sends one request after the other, over and over, and gives the ids of those that were answered. */
async function call(server: TestServer, caller: number, over: () => boolean): Promise<string[]> {
  const answered: string[] = [];
  for (let number = 0; !over(); number++) {
    try {
      const client = await RawClient.connect(server.port);
      for (; !over(); number++) {
        const id = `${caller}-${number}`;
        const answer = await client.ask(id, { method: 'POST', body: 'x' });
        if (typeof answer === 'string') break;
        answered.push(answer.body.id);
      }
      client.close();
    } catch {
      await pass(5); // B is not there for a moment
    }
  }
  return answered;
}

test(`B killed outright ${KILLS} times under load: its ledger holds all that it answered`, async () => {
  const server = await startServer(servers.find(({ id }) => id === 'node') as ServerSpec);
  let over = false;
  const calls = Promise.all(Array.from({ length: CALLERS }, (_, caller) => call(server, caller, () => over)));
  for (let kill = 0; kill < KILLS; kill++) {
    await pass(200);
    const pid = server.pids.at(-1) ?? 0;
    process.kill(-pid, 'SIGKILL');
    // The next one has begun, on the same port, and serves.
    while (server.pids.at(-1) === pid) await pass(5);
    while ((await RawClient.connect(server.port).catch(() => undefined)) === undefined) await pass(5);
  }
  await pass(100);
  over = true;
  const answered = (await calls).flat();
  const executed = new Set(server.ledger().flatMap((entry) => (entry.event === 'executed' ? [entry.id] : [])));
  expect(answered.length, `on ${HOST}`).toBeGreaterThan(CALLERS * KILLS);
  expect(answered.filter((id) => !executed.has(id))).toEqual([]);
});
