import Stripe from 'stripe';
import { describeClient } from './support/describe-client.js';

// Its POSTs all have a key, and it retries a hang-up once whatever it is told.
describeClient(
  'stripe-node',
  ({ agent, origin }) => {
    const { protocol, hostname: host, port } = new URL(origin);
    const httpClient = Stripe.createNodeHttpClient(agent);
    const { makeRequest } = httpClient;
    let wanted = 0;
    let made = 0;
    httpClient.makeRequest = (...args) => {
      made++;
      return makeRequest.apply(httpClient, args);
    };
    const stripe = new Stripe('sk_test_1', {
      host,
      port,
      protocol: protocol === 'https:' ? 'https' : 'http',
      httpClient,
      telemetry: false,
    });
    return {
      send({ kind, id }) {
        wanted++;
        if (kind === 'get') return stripe.charges.retrieve(id);
        return stripe.charges.create({ amount: 500, currency: 'eur' }, { idempotencyKey: id });
      },
      retries: () => made - wanted,
    };
  },
  { kinds: ['get', 'keyed'], alwaysRetries: true },
);
