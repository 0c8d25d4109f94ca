// A Python client through holdline chaos: as it is, and with the time after which it lets go of a connection.
import { fileURLToPath } from 'node:url';
import { compare } from './through-chaos.js';

const client = fileURLToPath(new URL('client.py', import.meta.url));

await compare("Python's http.client", [
  { name: 'as it is', command: 'python3', words: [client] },
  { name: 'max_idle_s=0.8', command: 'python3', words: [client, '--max-idle', '0.8'] },
]);
