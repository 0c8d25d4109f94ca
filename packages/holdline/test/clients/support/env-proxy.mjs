// A program that is told of a proxy by its environment, as Node 24 and later allow. Prints what went through it.
import http from 'node:http';
import { Agent } from 'holdline';

const [url] = process.argv.slice(2);

function ask(agent, way = 'kept') {
  return new Promise((resolve) => {
    const request = http.get(url, { agent, headers: { 'x-id': `${way}~env` } }, (response) => {
      response.resume().on('end', () => setImmediate(resolve, response.statusCode));
    });
    request.on('error', (error) => resolve(error.message));
  });
}

const warnings = [];
process.on('warning', ({ code, message }) => warnings.push({ code, message }));
const told = {};
for (const [name, agent] of [
  ['global', undefined],
  ['holdline', new Agent()],
  ['holdline with proxyEnv', new Agent({ proxyEnv: process.env })],
  ['holdline where NO_PROXY names B', new Agent({ proxyEnv: { ...process.env, NO_PROXY: '127.0.0.1' } })],
  ['holdline past the proxy', new Agent({ proxyEnv: {} })],
]) {
  told[name] = { first: await ask(agent), second: await ask(agent, 'unread'), lines: agent?.counts().connects };
  agent?.destroy();
  process.send(name);
  await new Promise((resolve) => process.once('message', resolve));
}
process.send({ told, warnings });
process.disconnect();
