import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import superagent from 'superagent';

const [, , url] = process.argv;
const agent = new http.Agent({ keepAlive: true });

for (let i = 0; i < 3; i++) {
  try {
    const response = await superagent.get(url).agent(agent);
    console.log(response.status);
  } catch (error) {
    console.log(error.message);
  }
  await pause(50);
}
agent.destroy();
