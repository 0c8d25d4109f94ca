// Sockets live in real time, whatever the test's clock says.
const { agentFor, ask, begin, realTime } = require('./ask.cjs');

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

test('a request that the program gives up fails, and closes', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick'] });
  const agent = agentFor();
  await ask(agent, '/answer');
  const events = [];
  const request = begin(agent, '/silent');
  for (const event of ['error', 'close']) request.on(event, () => events.push(event));
  request.end(() => request.destroy());
  while (events.length < 2) await realTime(10);
  expect(events).toEqual(['error', 'close']);
});
