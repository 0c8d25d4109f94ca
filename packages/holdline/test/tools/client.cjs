// Callers in a process of their own, one after the other, through one agent and under one tool. What it is to do comes
// as JSON (`Plan` in run.ts); what came of it is one line of JSON on stdout.
const { AsyncLocalStorage } = require('node:async_hooks');
const { subscribe, unsubscribe } = require('node:diagnostics_channel');

const plan = JSON.parse(process.argv[2]);
const tool = require(`./${plan.tool}.cjs`);
const tenant = new AsyncLocalStorage();
const secure = plan.url.startsWith('https:');

// The worst of each order: after it, not even the tool's setup has run; before it, the agent is made already.
if (plan.order === 'tool first') tool.start(plan);
const agent = makeAgent();
if (plan.order === 'holdline first') tool.start(plan);
const http = secure ? require('node:https') : require('node:http');

// a request that a tool holds back keeps no process alive by itself
setTimeout(() => process.exit(1), 15_000);
main().catch((error) => {
  console.error(error);
  process.exit(1);
});

async function main() {
  const requests = [];
  for (const each of plan.requests) {
    if (each.stopTool) await tool.stop();
    else requests.push(await tenant.run(each.caller, () => tool.call(each.caller, () => ask(each))));
  }
  const found = await tool.finish();
  const counts = plan.agent === 'holdline' ? agent.counts() : undefined;
  process.stdout.write(`${JSON.stringify({ requests, counts, ...found })}\n`, () => process.exit());
}

function makeAgent() {
  if (plan.agent === 'plain') {
    const { Agent } = secure ? require('node:https') : require('node:http');
    return new Agent({ keepAlive: true, ca: plan.ca });
  }
  const { Agent, HttpsAgent } = require('holdline');
  const options = { marginMs: 0, maxIdleMs: 600_000, origins: { [plan.url]: { idleLimitMs: 600_000 } } };
  return secure ? new HttpsAgent({ ...options, ca: plan.ca }) : new Agent(options);
}

/** Notes for each event of a request whose it is: the user's own context, and the tool's. */
function ask({ url = plan.url, method = 'GET', path, body, timeoutMs }) {
  const seen = { events: {} };
  const note = (event) => () => {
    seen.events[event] = { tenant: tenant.getStore(), trace: tool.caller() };
  };
  const replayed = note('replay');
  subscribe('holdline:replay', replayed);
  return new Promise((resolve) => {
    const request = http.request(new URL(path, url), { agent, method, timeout: timeoutMs }, (response) => {
      note('response')();
      seen.status = response.statusCode;
      seen.body = '';
      response.setEncoding('utf8').on('end', note('end'));
      response.on('data', (part) => {
        note('data')();
        seen.body += part;
      });
    });
    request.on('timeout', () => {
      note('timeout')();
      request.destroy();
    });
    request.on('error', (error) => {
      note('error')();
      seen.error = { name: error.name, code: error.code, message: error.message, reason: error.hangUp?.reason };
    });
    request.on('close', () => {
      note('close')();
      seen.reused = request.reusedSocket;
      unsubscribe('holdline:replay', replayed);
      // the agent takes the socket back a moment after the response's end
      setImmediate(resolve, seen);
    });
    request.end(body);
  });
}
