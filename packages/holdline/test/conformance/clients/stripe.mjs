import { Stripe } from 'stripe';
import { digest } from '../payload.mjs';

export function stripe({ arm, origin, scheme }) {
  const agent = arm.agent(scheme);
  const { hostname: host, port } = new URL(origin);
  const client = new Stripe('sk_test_1', {
    host,
    port,
    protocol: scheme,
    httpClient: Stripe.createNodeHttpClient(agent),
    telemetry: false,
    maxNetworkRetries: 0,
  });
  return {
    async send({ method, path, headers, body, timeoutMs }, log) {
      const params = body ? { amount: 5, pad: body().toString() } : undefined;
      const options = { additionalHeaders: headers, timeout: timeoutMs };
      const answer = await client.rawRequest(method, path, params, options);
      log.mark('request', 'response');
      const { lastResponse } = answer;
      const body_ = await digest(JSON.stringify(answer));
      return { status: lastResponse?.statusCode, headers: lastResponse?.headers, body: body_ };
    },
    close: () => agent.destroy(),
  };
}
