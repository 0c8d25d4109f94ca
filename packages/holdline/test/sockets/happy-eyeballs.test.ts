import { expect, onTestFinished, test } from 'vitest';
import { Agent } from '../../src/index.js';
import { deadThenLive, noDeadAddress } from './dead-address.js';
import { answer, ask, failureOf, onRequests, serveRaw } from './support.js';

for (const autoSelectFamily of [true, false]) {
  const tries = autoSelectFamily ? 'all addresses of a name' : 'only the first address of a name';
  test(`with autoSelectFamily: ${autoSelectFamily} a replay tries ${tries}, as any other connection`, async (ctx) => {
    ctx.skip(noDeadAddress !== false, `${noDeadAddress}`);
    const b = await serveRaw((socket) => {
      let served = 0;
      onRequests(socket, () => (served++ === 0 ? socket.write(answer('ok')) : socket.destroy()));
    });
    const { lookup, lookups } = await deadThenLive(b.port);
    const origins = { [`http://b.test:${b.port}`]: { idleLimitMs: 600_000 } };
    const connecting = { lookup, autoSelectFamily, autoSelectFamilyAttemptTimeout: 50 };
    const agent = new Agent({ ...connecting, origins, replayConnectTimeoutMs: 500 });
    onTestFinished(() => agent.destroy());
    const to = { host: 'b.test', port: b.port, agent };
    await ask(to);
    if (autoSelectFamily) expect((await ask(to)).body).toBe('ok');
    else expect((await failureOf(ask(to))).hangUp.reason).toBe('replay-connect-failed');
    expect(lookups()).toBe(2);
    expect(agent.counts()).toMatchObject({ hangUps: 1, replays: 1, surfaced: autoSelectFamily ? 0 : 1 });
  });
}
