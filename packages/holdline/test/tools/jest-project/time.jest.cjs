// Sockets live in real time, whatever the test's clock says.
const { agentFor, ask, realTime } = require('./ask.cjs');

beforeEach(() => jest.useFakeTimers());

test('a request times out by itself', async () => {
  const agent = agentFor();
  await ask(agent, '/answer');
  await expect(ask(agent, '/silent', { timeout: 60 })).rejects.toThrow('timed out');
});

test('an idle connection is let go by itself', async () => {
  const agent = agentFor({ idleLimitMs: 50 });
  const { request } = await ask(agent, '/answer');
  while (!request.socket.destroyed) await realTime(10);
  expect(agent.counts()).toMatchObject({ letGo: 1, faults: 0 });
});
