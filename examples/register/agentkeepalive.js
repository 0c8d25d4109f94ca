import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import AgentKeepAlive from 'agentkeepalive';

const [, , url] = process.argv;
const agent = new AgentKeepAlive();

function ask() {
  return new Promise((resolve) => {
    const request = http.get(url, { agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    request.on('error', (error) => resolve(error.message));
  });
}

for (let i = 0; i < 3; i++) {
  console.log(await ask());
  await pause(50);
}
agent.destroy();
