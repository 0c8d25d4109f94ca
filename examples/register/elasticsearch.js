import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@elastic/elasticsearch';

const [, , url] = process.argv;
// its own retries would hide some of the hang-ups, and are for requests that may run twice only by luck
const elastic = new Client({ node: url, maxRetries: 0 });

for (let i = 0; i < 3; i++) {
  try {
    const { statusCode } = await elastic.info({}, { meta: true });
    console.log(statusCode);
  } catch (error) {
    console.log(error.message);
  }
  await pause(50);
}
await elastic.close();
