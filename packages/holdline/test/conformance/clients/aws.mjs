import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HttpRequest } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { digest } from '../payload.mjs';
import { RESPONSE_EVENTS } from './node.mjs';

export function aws({ arm, origin, scheme }) {
  const agent = arm.agent(scheme);
  const client = new DynamoDBClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: new NodeHttpHandler({ httpAgent: agent, httpsAgent: agent, throwOnRequestTimeout: true }),
  });
  return {
    async send({ method, path, headers, body, timeoutMs }, log, signal) {
      const { protocol, hostname, port, pathname, searchParams } = new URL(`${origin}${path}`);
      const request = new HttpRequest({
        method,
        protocol,
        hostname,
        port: Number(port),
        path: pathname,
        query: Object.fromEntries(searchParams),
        headers,
        body: body?.(),
      });
      const options = { abortSignal: signal, requestTimeout: timeoutMs };
      const { response } = await client.config.requestHandler.handle(request, options);
      log.mark('request', 'response');
      log.listen('response', response.body, RESPONSE_EVENTS);
      return { status: response.statusCode, headers: response.headers, body: await digest(response.body) };
    },
    close: () => client.destroy(),
  };
}
