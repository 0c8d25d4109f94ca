// What clients that retry by themselves do with a hang-up: they need not, where the Line has sent the request again; and
// some of them repeat a POST that B has executed, which no agent can keep them from.
import axios from 'axios';
import axiosRetry, { isIdempotentRequestError } from 'axios-retry';
import { Gaxios } from 'gaxios';
import got from 'got';
import superagent from 'superagent';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type B, startB } from './support/b.js';
import { dynamoDb } from './support/dynamodb.js';
import { holdline, type Kind, type MakeClient, plain, Run, type Way } from './support/run.js';

interface Row {
  readonly name: string;
  readonly make: MakeClient;
  /** How often B executes a plain POST if it dies over the first execution. */
  readonly postExecutions: 1 | 2;
  /** What it can send; the first kind primes its connection. */
  readonly kinds: readonly [Kind, ...Kind[]];
}

const rows: readonly Row[] = [
  {
    name: 'got, as it comes',
    make: ({ agent }) => ({
      send: ({ method, url, headers, body }) =>
        got(url, { method, headers, ...(body && { body }), agent: { http: agent } }),
    }),
    postExecutions: 1,
    kinds: ['get', 'post'],
  },
  {
    name: 'axios-retry, as it comes',
    make: ({ agent }) => retryingAxios(agent, {}),
    postExecutions: 2,
    kinds: ['get', 'post'],
  },
  {
    name: 'axios-retry with isIdempotentRequestError',
    make: ({ agent }) => retryingAxios(agent, { retryCondition: isIdempotentRequestError }),
    postExecutions: 1,
    kinds: ['get', 'post'],
  },
  {
    name: 'superagent with retry(2)',
    make: ({ agent }) => ({
      send: ({ method, url, headers, body }) => superagent(method, url).agent(agent).set(headers).retry(2).send(body),
    }),
    postExecutions: 2,
    kinds: ['get', 'post'],
  },
  {
    name: 'gaxios with retry',
    make: ({ agent }) => {
      const client = new Gaxios({ agent, retry: true });
      return {
        send: ({ method, url, headers, body }) => client.request({ method, url, headers, ...(body && { body }) }),
      };
    },
    postExecutions: 1,
    kinds: ['get', 'post'],
  },
  {
    name: 'the AWS SDK (DynamoDB), as it comes',
    make: (ground) => dynamoDb(ground, 3),
    postExecutions: 2,
    kinds: ['post'],
  },
  {
    name: 'the AWS SDK (DynamoDB) with maxAttempts: 1',
    make: (ground) => dynamoDb(ground, 1),
    postExecutions: 1,
    kinds: ['post'],
  },
];

function retryingAxios(agent: object, options: Parameters<typeof axiosRetry>[1]): ReturnType<MakeClient> {
  const client = axios.create({ httpAgent: agent, proxy: false });
  axiosRetry(client, options);
  return { send: ({ method, url, headers, body }) => client.request({ method, url, headers, data: body }) };
}

let b: B;
beforeAll(async () => {
  b = await startB();
});
afterAll(() => b.stop());

/** One request on a connection that has served one, and what B wrote down of it. */
async function fate({ make, kinds: [first] }: Row, on: 'holdline' | 'plain', kind: Kind, way: Way) {
  const treated = on === 'holdline' ? holdline(b, 'http') : undefined;
  const run = await Run.start(b, 'http', treated ?? plain('http'), make);
  await run.prime(first);
  const { id, error } = await run.send(kind, way);
  const entry = b.ledger().get(id);
  const replays = treated?.counts().replays ?? 0;
  return { error, executions: entry?.executions, ownRetries: (entry?.attempts ?? 0) - 1 - replays };
}

for (const row of rows.filter(({ kinds }) => kinds.includes('get'))) {
  test(`${row.name}: a GET over which B died is retried by it on a plain agent, and needs no retry on Holdline`, async () => {
    expect(await fate(row, 'plain', 'get', 'unread')).toEqual({ error: undefined, executions: 1, ownRetries: 1 });
    expect(await fate(row, 'holdline', 'get', 'unread')).toEqual({ error: undefined, executions: 1, ownRetries: 0 });
  });
}

for (const row of rows) {
  const { name, make, postExecutions, kinds } = row;

  test(`${name}: a plain POST that B executed before it died is executed ${postExecutions === 1 ? 'once' : 'twice'}, on either agent`, async () => {
    for (const on of ['plain', 'holdline'] as const) {
      const { error, executions } = await fate(row, on, 'post', 'executed');
      expect(executions).toBe(postExecutions);
      expect(error !== undefined, 'it surfaces where it is not repeated').toBe(postExecutions === 1);
    }
  });

  test(`${name}: a plain POST for which B had closed while A stood still arrives once, without a retry`, async () => {
    const run = await Run.start(b, 'http', holdline(b, 'http'), make);
    const { id, error } = await run.sendAfterStall(kinds[0], 'post');
    expect(error).toBeUndefined();
    expect(b.ledger().get(id)).toMatchObject({ attempts: 1, executions: 1 });
  });
}
