import { HttpRequest } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { describeClient } from './support/describe-client.js';

describeClient(
  '@smithy/node-http-handler',
  ({ agent }) => {
    const handler = new NodeHttpHandler({ httpAgent: agent, httpsAgent: agent });
    return {
      async send({ method, url, headers, body }) {
        const { protocol, hostname, port, pathname: path } = new URL(url);
        const request = new HttpRequest({
          method,
          protocol,
          hostname,
          port: Number(port),
          path,
          headers: { ...headers },
          body,
        });
        const { response } = await handler.handle(request);
        for await (const _ of response.body);
      },
      close: () => handler.destroy(),
    };
  },
  { hangUpAt: 'error' },
);
