const { isHangUpError } = require('holdline');
const { agentFor, ask } = require('./ask.cjs');

beforeEach(() => jest.useFakeTimers());

test('a request is answered, and the next one reuses its connection', async () => {
  const agent = agentFor();
  await ask(agent, '/answer');
  const { request } = await ask(agent, '/answer');
  expect(request.reusedSocket).toBe(true);
  expect(agent.counts()).toMatchObject({ connects: 1, faults: 0 });
});

test('a GET that is hung up on is sent again', async () => {
  const agent = agentFor();
  await ask(agent, '/answer');
  const { response } = await ask(agent, '/hang-up');
  expect(response.statusCode).toBe(200);
  expect(agent.counts()).toMatchObject({ replays: 1, surfaced: 0 });
});

test('a POST that is hung up on fails, with a HangUpError', async () => {
  const agent = agentFor();
  await ask(agent, '/answer');
  const error = await ask(agent, '/hang-up', { method: 'POST', body: 'charge 5' }).catch((each) => each);
  expect(error).toBeInstanceOf(Error);
  expect(isHangUpError(error)).toBe(true);
});

test('a request is answered however far the test moves its clock', async () => {
  const agent = agentFor();
  await ask(agent, '/answer');
  jest.advanceTimersByTime(3_600_000);
  const { response } = await ask(agent, '/answer');
  expect(response.statusCode).toBe(200);
  expect(agent.counts()).toMatchObject({ faults: 0 });
});
