import got from 'got';
import { describeClient } from './support/describe-client.js';

describeClient(
  'got',
  ({ agent }) => {
    // its own retries, which the Line makes needless, are told of by this
    let retries = 0;
    const client = got.extend({
      agent: { http: agent, https: agent },
      retry: { limit: 0 },
      hooks: { beforeRetry: [() => void retries++] },
    });
    return {
      send: ({ method, url, headers, body }) => client(url, { method, headers, ...(body && { body }) }).json(),
      retries: () => retries,
    };
  },
  { hangUpAt: 'error.cause' },
);
