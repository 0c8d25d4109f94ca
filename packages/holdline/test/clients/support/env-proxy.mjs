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

const told = {};
for (const [name, agent] of [
  ['global', undefined],
  ['holdline', new Agent()],
  ['holdline with proxyEnv', new Agent({ proxyEnv: process.env })],
]) {
  told[name] = { first: await ask(agent), second: await ask(agent, 'unread'), lines: agent?.counts().connects };
  agent?.destroy();
  process.send(name);
  await new Promise((resolve) => process.once('message', resolve));
}
process.send(told);
process.disconnect();
