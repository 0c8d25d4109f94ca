import { type Client, jsNumber, type Snippet, type SnippetFacts } from './client.js';

const AGENT_SOURCE = 'nodejs/node lib/_http_agent.js, keepSocketAlive; run on Node 20 to 26.10';

const AS_GLOBAL = 'http.globalAgent = httpAgent;\nhttps.globalAgent = httpsAgent;';

/** Holdline's agents, told the limit; `use` puts them under the client. */
function holdline({ limitMs, origin }: SnippetFacts, head: string, use: string): Snippet {
  return {
    title: 'with Holdline: lets go in time, and sends again what met the close on its way',
    language: 'js',
    code: `${head}import { Agent, HttpsAgent } from 'holdline';

const origins = { '${origin}': { idleLimitMs: ${jsNumber(limitMs)} } };
const httpAgent = new Agent({ origins });
const httpsAgent = new HttpsAgent({ origins });
${use}`,
  };
}

/** Node's own agents, which close an idle socket after `timeout`. */
function bare({ cutoffMs }: SnippetFacts, head: string, use: string): Snippet {
  return {
    title: 'without: lets go in time, but a request that meets the close still hangs up',
    language: 'js',
    code: `${head}import http from 'node:http';
import https from 'node:https';

// \`timeout\` also raises 'timeout' on a request whose answer is silent for so long.
const options = { keepAlive: true, timeout: ${jsNumber(cutoffMs)} };
const httpAgent = new http.Agent(options);
const httpsAgent = new https.Agent(options);
${use}`,
  };
}

/** Both, for a client that takes agents of Node's. */
function both(head: string, use: string): Client['snippets'] {
  return (facts) => [holdline(facts, head, use), bare(facts, head, use)];
}

const undiciSnippets =
  (module: string): Client['snippets'] =>
  ({ cutoffMs, limitMs, origin }) => [
    {
      title: 'with Holdline: lets go in time, and sends again what met the close on its way',
      language: 'js',
      code: `import { setGlobalDispatcher } from '${module}';
import { dispatcher } from 'holdline/undici';

setGlobalDispatcher(dispatcher({ origins: { '${origin}': { idleLimitMs: ${jsNumber(limitMs)} } } }));`,
    },
    {
      title: 'without: lets go in time, but a request that meets the close still hangs up',
      language: 'js',
      code: `import { Agent, setGlobalDispatcher } from '${module}';

setGlobalDispatcher(new Agent({ keepAliveTimeout: ${jsNumber(cutoffMs)}, keepAliveMaxTimeout: ${jsNumber(cutoffMs)} }));`,
    },
  ];

/** Clients of Node, as they come or as their usual construction makes them. */
export const nodeClients: readonly Client[] = [
  {
    id: 'node-agent',
    name: 'Node new Agent({ keepAlive: true })',
    kind: 'library',
    idleMs: Number.POSITIVE_INFINITY,
    hint: { rule: 'ignored' },
    retries: 'nothing',
    source: AGENT_SOURCE,
    note: 'it goes by what the server advertises only if it has a `timeout`, too.',
    snippets: both('', ''),
  },
  {
    id: 'node-global',
    name: 'Node globalAgent',
    kind: 'library',
    idleMs: 5_000,
    hint: { rule: 'lowers', marginMs: 1_000 },
    retries: 'nothing',
    source: `${AGENT_SOURCE}; lib/_http_agent.js globalAgent`,
    snippets: (facts) => [
      holdline(facts, "import http from 'node:http';\nimport https from 'node:https';\n", AS_GLOBAL),
      bare(facts, '', AS_GLOBAL),
    ],
  },
  {
    id: 'axios',
    name: 'axios',
    kind: 'library',
    idleMs: 5_000,
    hint: { rule: 'lowers', marginMs: 1_000 },
    retries: 'nothing',
    source: `Node's globalAgent: ${AGENT_SOURCE}`,
    snippets: both("import axios from 'axios';\n", 'const client = axios.create({ httpAgent, httpsAgent });'),
  },
  {
    id: 'got',
    name: 'got',
    kind: 'library',
    idleMs: 5_000,
    hint: { rule: 'lowers', marginMs: 1_000 },
    retries: 'idempotent',
    source: "sindresorhus/got source/core/options.ts: Node's globalAgent; calculate-retry-delay.ts",
    snippets: both(
      "import got from 'got';\n",
      'const client = got.extend({ agent: { http: httpAgent, https: httpsAgent } });',
    ),
  },
  {
    id: 'superagent',
    name: 'superagent',
    kind: 'library',
    idleMs: 5_000,
    hint: { rule: 'lowers', marginMs: 1_000 },
    retries: 'nothing',
    source: `Node's globalAgent: ${AGENT_SOURCE}`,
    snippets: both(
      "import superagent from 'superagent';\n",
      "const get = (url) => superagent.get(url).agent(url.startsWith('https:') ? httpsAgent : httpAgent);",
    ),
  },
  {
    id: 'aws-sdk',
    name: 'AWS SDK for JavaScript 3',
    kind: 'library',
    idleMs: Number.POSITIVE_INFINITY,
    hint: { rule: 'ignored' },
    retries: 'everything',
    source: 'smithy-lang/smithy-typescript node-http-handler: an Agent without timeout; isTransientError',
    snippets: both(
      "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';\n",
      'const client = new DynamoDBClient({ requestHandler: { httpAgent, httpsAgent } });',
    ),
  },
  {
    id: 'stripe',
    name: 'stripe-node',
    kind: 'library',
    idleMs: Number.POSITIVE_INFINITY,
    hint: { rule: 'ignored' },
    retries: 'everything',
    source: 'stripe/stripe-node NodeHttpClient: an Agent without timeout; RequestSender._shouldRetry',
    note: 'each of its POSTs has an idempotency key.',
    snippets: both(
      "import Stripe from 'stripe';\n",
      "const client = new Stripe(process.env.STRIPE_KEY ?? 'sk_test_1', {\n  httpClient: Stripe.createNodeHttpClient(httpsAgent),\n});",
    ),
  },
  {
    id: 'agentkeepalive',
    name: 'agentkeepalive',
    kind: 'library',
    idleMs: 4_000,
    hint: { rule: 'ignored' },
    retries: 'nothing',
    source:
      'node-modules/agentkeepalive lib/agent.js, calcSocketTimeout; run: it overwrites what Node made of the hint',
    snippets: (facts) => [
      holdline(facts, '', ''),
      {
        title: 'without: lets go in time, but a request that meets the close still hangs up',
        language: 'js',
        code: `import { HttpAgent, HttpsAgent } from 'agentkeepalive';

const httpAgent = new HttpAgent({ freeSocketTimeout: ${jsNumber(facts.cutoffMs)} });
const httpsAgent = new HttpsAgent({ freeSocketTimeout: ${jsNumber(facts.cutoffMs)} });`,
      },
    ],
  },
  {
    id: 'undici',
    name: 'undici',
    kind: 'library',
    idleMs: 4_000,
    hint: { rule: 'replaces', marginMs: 2_000, capMs: 600_000 },
    retries: 'nothing',
    source: 'nodejs/undici lib/dispatcher/client-h1.js, onHeadersComplete',
    snippets: undiciSnippets('undici'),
  },
  {
    id: 'fetch',
    name: "Node's fetch",
    kind: 'library',
    idleMs: 4_000,
    hint: { rule: 'replaces', marginMs: 2_000, capMs: 600_000 },
    retries: 'nothing',
    source: 'undici, built into Node: lib/dispatcher/client-h1.js, onHeadersComplete',
    snippets: undiciSnippets('undici'),
  },
];
