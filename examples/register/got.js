import { setTimeout as pause } from 'node:timers/promises';
import got from 'got';

const [, , url] = process.argv;

for (let i = 0; i < 3; i++) {
  try {
    // its own retry would come after a second
    const response = await got(url, { retry: { limit: 0 } });
    console.log(response.statusCode);
  } catch (error) {
    console.log(error.message);
  }
  await pause(50);
}
