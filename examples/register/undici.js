import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';

const [, , url] = process.argv;

for (let i = 0; i < 3; i++) {
  try {
    const { statusCode, body } = await request(url);
    await body.text();
    console.log(statusCode);
  } catch (error) {
    console.log(error.message);
  }
  await pause(50);
}
