import superagent from 'superagent';
import { describeClient } from './support/describe-client.js';

describeClient(
  'superagent',
  ({ agent }) => ({
    send: ({ method, url, headers, body }) => superagent(method, url).agent(agent).set(headers).send(body),
  }),
  { hangUpAt: 'error' },
);
