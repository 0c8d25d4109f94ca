import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const [, , url] = process.argv;

function ask() {
  return new Promise((resolve) => {
    const request = http.get(url, (response) => {
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
