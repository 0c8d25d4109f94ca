import { type Client, configTime, type Snippet, type SnippetFacts, wholeSeconds } from './client.js';

function one(title: string, language: string, code: (facts: SnippetFacts) => string): Client['snippets'] {
  return (facts): readonly Snippet[] => [{ title, language, code: code(facts) }];
}

const IGNORED = { rule: 'ignored' } as const;

/** Clients of other languages, and browsers. */
export const otherClients: readonly Client[] = [
  {
    id: 'go',
    name: 'Go net/http',
    kind: 'library',
    idleMs: 90_000,
    hint: IGNORED,
    retries: 'idempotent',
    source: 'golang/go src/net/http/transport.go, DefaultTransport and shouldRetryRequest',
    snippets: one('Go', 'go', ({ cutoffMs }) => {
      return `transport := http.DefaultTransport.(*http.Transport).Clone()
transport.IdleConnTimeout = ${Math.round(cutoffMs)} * time.Millisecond
client := &http.Client{Transport: transport}`;
    }),
  },
  {
    id: 'java',
    name: 'Java java.net.http',
    kind: 'library',
    idleMs: 30_000,
    hint: IGNORED,
    retries: 'idempotent',
    source: 'openjdk java.net.http, property jdk.httpclient.keepalive.timeout (30 s since JDK 20; 1 200 s before)',
    snippets: one('a system property, in whole seconds', 'sh', ({ cutoffMs }) => {
      return `java -Djdk.httpclient.keepalive.timeout=${wholeSeconds(cutoffMs)} …`;
    }),
  },
  {
    id: 'apache-httpclient',
    name: 'Apache HttpClient 5',
    kind: 'library',
    idleMs: 180_000,
    hint: { rule: 'replaces', marginMs: 0 },
    retries: 'idempotent',
    source: 'apache/httpcomponents-client DefaultConnectionKeepAliveStrategy (no margin), BHttpConnectionBase.isStale',
    snippets: one('Java', 'java', ({ cutoffMs }) => {
      return `HttpClient client = HttpClients.custom()
    .setKeepAliveStrategy((response, context) -> TimeValue.ofMilliseconds(${Math.round(cutoffMs)}))
    .build();`;
    }),
  },
  {
    id: 'okhttp',
    name: 'OkHttp',
    kind: 'library',
    idleMs: 300_000,
    hint: IGNORED,
    retries: 'everything',
    source: 'square/okhttp RealConnection.isHealthy, RetryAndFollowUpInterceptor.recover',
    snippets: one('Java', 'java', ({ cutoffMs }) => {
      return `OkHttpClient client = new OkHttpClient.Builder()
    .connectionPool(new ConnectionPool(5, ${Math.round(cutoffMs)}, TimeUnit.MILLISECONDS))
    .build();`;
    }),
  },
  {
    id: 'dotnet',
    name: '.NET HttpClient',
    kind: 'library',
    idleMs: 60_000,
    hint: { rule: 'lowers', marginMs: 1_000 },
    retries: 'unsent',
    source: 'dotnet/runtime HttpConnection.cs, CheckKeepAliveTimeoutExceeded and ProcessKeepAliveHeader',
    snippets: one('C#', 'csharp', ({ cutoffMs }) => {
      return `var client = new HttpClient(new SocketsHttpHandler
{
    PooledConnectionIdleTimeout = TimeSpan.FromMilliseconds(${Math.round(cutoffMs)}),
});`;
    }),
  },
  {
    id: 'reqwest',
    name: 'Rust reqwest',
    kind: 'library',
    idleMs: 90_000,
    hint: IGNORED,
    retries: 'unsent',
    source: 'hyperium/hyper-util client/legacy/pool.rs; seanmonstar/reqwest retry.rs',
    snippets: one('Rust', 'rust', ({ cutoffMs }) => {
      return `let client = reqwest::Client::builder()
    .pool_idle_timeout(Duration::from_millis(${Math.round(cutoffMs)}))
    .build()?;`;
    }),
  },
  {
    id: 'requests',
    name: 'Python requests, urllib3',
    kind: 'library',
    idleMs: Number.POSITIVE_INFINITY,
    hint: IGNORED,
    retries: 'nothing',
    source: 'urllib3 connection.is_connection_dropped: it looks before reuse, and has no idle time to set',
    snippets: one('no idle time can be set: have what may be repeated sent again', 'python', () => {
      return `session = requests.Session()
session.mount("https://", HTTPAdapter(max_retries=Retry(total=2, backoff_factor=0.1)))`;
    }),
  },
  {
    id: 'httpx',
    name: 'Python httpx',
    kind: 'library',
    idleMs: 5_000,
    hint: IGNORED,
    retries: 'nothing',
    source: 'encode/httpx _config.py, keepalive_expiry; encode/httpcore has_expired',
    snippets: one('Python', 'python', ({ cutoffMs }) => {
      return `client = httpx.Client(limits=httpx.Limits(keepalive_expiry=${cutoffMs / 1_000}))`;
    }),
  },
  {
    id: 'aiohttp',
    name: 'Python aiohttp',
    kind: 'library',
    idleMs: 15_000,
    hint: IGNORED,
    retries: 'idempotent',
    source: 'aio-libs/aiohttp connector.py, keepalive_timeout',
    snippets: one('Python', 'python', ({ cutoffMs }) => {
      return `session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(keepalive_timeout=${cutoffMs / 1_000}))`;
    }),
  },
  {
    id: 'curl',
    name: 'libcurl, PHP Guzzle',
    kind: 'library',
    idleMs: 118_000,
    hint: IGNORED,
    retries: 'everything',
    source: 'curl/curl lib/conncache.c, Curl_cpool_conn_seems_healthy; transfer.c, Curl_retry_request',
    snippets: one('C; in whole seconds', 'c', ({ cutoffMs }) => {
      return `curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, ${wholeSeconds(cutoffMs)}L);`;
    }),
  },
  {
    id: 'ruby',
    name: 'Ruby net/http',
    kind: 'library',
    idleMs: 2_000,
    hint: IGNORED,
    retries: 'idempotent',
    source: 'ruby/net-http keep_alive_timeout',
    snippets: one(
      'Ruby; in whole seconds',
      'ruby',
      ({ cutoffMs }) => `http.keep_alive_timeout = ${wholeSeconds(cutoffMs)}`,
    ),
  },
  {
    id: 'chrome',
    name: 'Chrome',
    kind: 'browser',
    idleMs: 300_000,
    hint: IGNORED,
    retries: 'everything',
    source: 'chromium TransportClientSocketPool; HttpNetworkTransaction::ShouldResendRequest',
    snippets: () => [],
  },
];

/** Proxies and load balancers, as clients of the server behind them. */
export const proxies: readonly Client[] = [
  {
    id: 'nginx',
    name: 'nginx upstream',
    kind: 'proxy',
    idleMs: 60_000,
    hint: IGNORED,
    retries: 'idempotent',
    source: 'nginx ngx_http_upstream_keepalive_module.c:549; run with 1.22: GET sent again, POST 502',
    snippets: one('nginx', 'nginx', ({ cutoffMs, origin }) => {
      return `upstream b { server ${new URL(origin).host}; keepalive 64; keepalive_timeout ${configTime(cutoffMs)}; }`;
    }),
  },
  {
    id: 'haproxy',
    name: 'HAProxy',
    kind: 'proxy',
    // Its pool is purged every 5 s; measured with 2.6, a connection lives 15 to 20 s.
    idleMs: 20_000,
    hint: IGNORED,
    retries: 'nothing',
    source: 'haproxy src/server.c:2916, pool-purge-delay 5 s; measured with 2.6: 15 to 20 s',
    snippets: one('HAProxy: it has no strict limit, but purges more often', 'haproxy', ({ cutoffMs, origin }) => {
      return `server b ${new URL(origin).host} pool-purge-delay ${configTime(Math.max(1, Math.floor(cutoffMs / 4)))}`;
    }),
  },
  {
    id: 'envoy',
    name: 'Envoy, Istio',
    kind: 'proxy',
    idleMs: 3_600_000,
    hint: IGNORED,
    retries: 'nothing',
    source: 'envoyproxy/envoy api/envoy/config/core/v3/protocol.proto, idle_timeout; router_filter.rst',
    snippets: one('Envoy, in the cluster', 'yaml', ({ cutoffMs }) => {
      return `typed_extension_protocol_options:
  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
    common_http_protocol_options: { idle_timeout: ${(cutoffMs / 1_000).toString()}s }
    explicit_http_config: { http_protocol_options: {} }`;
    }),
  },
  {
    id: 'alb',
    name: 'AWS ALB',
    kind: 'proxy',
    idleMs: 60_000,
    hint: IGNORED,
    retries: 'nothing',
    source:
      'AWS, Application Load Balancers: idle_timeout.timeout_seconds; "larger than the idle timeout configured for the load balancer"',
    snippets: one('AWS CLI; in whole seconds', 'sh', ({ cutoffMs }) => {
      return `aws elbv2 modify-load-balancer-attributes --load-balancer-arn "$ARN" \\
  --attributes Key=idle_timeout.timeout_seconds,Value=${wholeSeconds(cutoffMs)}`;
    }),
  },
  {
    id: 'gcp-alb',
    name: 'Google Cloud ALB',
    kind: 'proxy',
    idleMs: 600_000,
    hint: IGNORED,
    retries: 'nothing',
    source: 'Google Cloud, external Application Load Balancer: backend keepalive timeout fixed at 600 s',
    note: 'its 600 s cannot be set, so the server must wait longer.',
    snippets: () => [],
  },
  {
    id: 'traefik',
    name: 'Traefik',
    kind: 'proxy',
    idleMs: 90_000,
    hint: IGNORED,
    retries: 'idempotent',
    source: "traefik/traefik pkg/config/dynamic/http_config.go:573, idleConnTimeout; Go's transport",
    snippets: one('Traefik, in a serversTransport', 'yaml', ({ cutoffMs }) => {
      return `forwardingTimeouts: { idleConnTimeout: ${configTime(cutoffMs)} }`;
    }),
  },
  {
    id: 'caddy',
    name: 'Caddy',
    kind: 'proxy',
    idleMs: 120_000,
    hint: IGNORED,
    retries: 'idempotent',
    source: "caddyserver/caddy modules/caddyhttp/reverseproxy/httptransport.go:216; Go's transport",
    snippets: one('Caddyfile', 'caddy', ({ cutoffMs, origin }) => {
      return `reverse_proxy ${new URL(origin).host} {
  transport http {
    keepalive ${configTime(cutoffMs)}
  }
}`;
    }),
  },
  {
    id: 'linkerd',
    name: 'Linkerd',
    kind: 'proxy',
    idleMs: 3_000,
    hint: IGNORED,
    retries: 'nothing',
    source: 'linkerd/linkerd2-proxy linkerd/app/src/env.rs:340',
    snippets: () => [],
  },
];
