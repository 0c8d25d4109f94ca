import fetch from 'node-fetch';
import { describeClient } from './support/describe-client.js';

describeClient('node-fetch 3', ({ agent }) => ({
  send: async ({ method, url, headers, body }) =>
    (await fetch(url, { agent, method, headers, ...(body && { body }) })).json(),
}));
