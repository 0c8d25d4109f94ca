import { setTimeout as pause } from 'node:timers/promises';
import ky from 'ky';

const [, , url] = process.argv;

for (let i = 0; i < 3; i++) {
  try {
    // its own retry would come after a second
    const response = await ky(url, { retry: 0 });
    await response.text();
    console.log(response.status);
  } catch (error) {
    console.log((error.cause ?? error).message);
  }
  await pause(50);
}
