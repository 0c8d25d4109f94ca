import axios from 'axios';
import { describeClient } from './support/describe-client.js';

describeClient(
  'axios',
  ({ agent }) => {
    const client = axios.create({ httpAgent: agent, httpsAgent: agent, proxy: false });
    return { send: ({ method, url, headers, body }) => client.request({ method, url, headers, data: body }) };
  },
  { hangUpAt: 'error.cause' },
);
