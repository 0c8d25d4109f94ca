import { setTimeout as pause } from 'node:timers/promises';
import OpenAI from 'openai';

const [, , url] = process.argv;
// its own retries would come after half a second
const openai = new OpenAI({ apiKey: 'sk-x', baseURL: url, maxRetries: 0 });

for (let i = 0; i < 3; i++) {
  try {
    const { response } = await openai.models.list().withResponse();
    console.log(response.status);
  } catch (error) {
    console.log((error.cause?.cause ?? error).message);
  }
  await pause(50);
}
