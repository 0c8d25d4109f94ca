import fetch from 'node-fetch-2';
import { describeClient } from './support/describe-client.js';

describeClient('node-fetch 2', ({ agent }) => ({
  send: async ({ method, url, headers, body }) =>
    (await fetch(url, { agent, method, headers, ...(body && { body }) })).json(),
}));
