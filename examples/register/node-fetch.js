import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import fetch from 'node-fetch';

const [, , url] = process.argv;
const agent = new http.Agent({ keepAlive: true });

for (let i = 0; i < 3; i++) {
  try {
    const response = await fetch(url, { agent });
    await response.text();
    console.log(response.status);
  } catch (error) {
    console.log(error.message);
  }
  await pause(50);
}
agent.destroy();
