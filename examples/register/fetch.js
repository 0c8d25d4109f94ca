import { setTimeout as pause } from 'node:timers/promises';

const [, , url] = process.argv;

for (let i = 0; i < 3; i++) {
  try {
    const response = await fetch(url);
    await response.text();
    console.log(response.status);
  } catch (error) {
    console.log(error.cause.message);
  }
  await pause(50);
}
