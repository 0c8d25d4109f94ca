import { Gaxios } from 'gaxios';
import { describeClient } from './support/describe-client.js';

describeClient('gaxios', ({ agent }) => {
  const client = new Gaxios({ agent });
  return { send: ({ method, url, headers, body }) => client.request({ method, url, headers, ...(body && { body }) }) };
});
