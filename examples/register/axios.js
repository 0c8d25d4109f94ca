import { setTimeout as pause } from 'node:timers/promises';
import axios from 'axios';

const [, , url] = process.argv;

for (let i = 0; i < 3; i++) {
  try {
    const response = await axios.get(url);
    console.log(response.status);
  } catch (error) {
    console.log(error.message);
  }
  await pause(50);
}
