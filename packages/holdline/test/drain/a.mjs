// A: many connections to B, each used again after pauses that are shorter than what B promises. What fails on a connection
// that was open is lost; that no new one can be opened is how A learns that B has ended.
import http from 'node:http';
import https from 'node:https';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const ANSWER_WITHIN_MS = 10_000;
/** Over this the connections are opened. */
const RAMP_MS = 1_000;

process.once('message', async (job) => {
  const outcomes = { answered: [], lost: [] };
  const delay = monitorEventLoopDelay();
  delay.enable();
  const ended = [];
  const lanes = Array.from(
    { length: job.lanes },
    (_, index) => new Promise((open) => ended.push(lane(job, index, outcomes, open))),
  );
  // a connection that is still being made when B ends is none that it could leave alone
  await Promise.all([...lanes, sleep(job.warmUpMs)]);
  process.send({ warm: outcomes.answered.length });
  await Promise.all(ended);
  process.send({ ...outcomes, lagMs: delay.max / 1e6 }, () => process.disconnect());
});

async function lane(job, index, { answered, lost }, open) {
  const client = job.tls ? https : http;
  const agent = new client.Agent({ keepAlive: true, maxSockets: 1 });
  await sleep((index / job.lanes) * RAMP_MS);
  for (let i = 0; ; i++) {
    const id = `${index}-${i}`;
    const error = await ask(client, agent, job, id);
    open();
    if (!error) answered.push(id);
    else if (error.code === 'ECONNREFUSED') return;
    else lost.push({ id, code: error.code, reused: error.reused });
    await sleep(Math.random() * job.clientIdleMs);
  }
}

/** The error, if there is one. */
function ask(client, agent, job, id) {
  return new Promise((resolve) => {
    const headers = { 'x-id': id };
    const request = client.get(
      { host: job.host, port: job.port, agent, headers, rejectUnauthorized: false },
      (response) => {
        response.resume().once('end', () => resolve(refusalIn(response)));
        response.once('error', resolve);
      },
    );
    request.setTimeout(ANSWER_WITHIN_MS, () =>
      request.destroy(Object.assign(new Error('no answer'), { code: 'SILENT' })),
    );
    request.once('error', (error) => resolve(Object.assign(error, { reused: request.reusedSocket })));
  });
}

/** An answer that is none, such as a 503 because the server ends. */
function refusalIn({ statusCode }) {
  return statusCode === 200 ? undefined : Object.assign(new Error('refused'), { code: String(statusCode) });
}
