/** What is known of the connection pool of something that stands before a server. */
export interface Pool {
  /** How long it keeps an idle connection to the server, in ms, as it is shipped. */
  readonly idleMs: number;
  /** Whether it certainly lets go after that time. */
  readonly bounded: boolean;
  /** Where the number is from. */
  readonly source: string;
}

/**
 * What people put before a Node server, and how long its pool keeps an idle connection unless it is told otherwise. Where
 * yours is told otherwise, state `clientIdleMs` instead.
 */
export const POOLS = {
  'aws-alb': {
    idleMs: 60_000,
    bounded: true,
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html (idle timeout 60)',
  },
  'aws-clb': {
    idleMs: 60_000,
    bounded: true,
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/config-idle-timeout.html (idle timeout 60)',
  },
  cloudfront: {
    idleMs: 5_000,
    bounded: true,
    source: 'CloudFront API, CustomOriginConfig.OriginKeepaliveTimeout (5 s, can be set)',
  },
  'gcp-lb': {
    idleMs: 600_000,
    bounded: true,
    source: 'https://cloud.google.com/load-balancing/docs/https (backend keepalive timeout fixed at 600 s)',
  },
  'azure-app-gateway': {
    idleMs: 120_000,
    bounded: true,
    source: 'Azure Application Gateway FAQ (v1: 120 s, v2: 75 s; the FAQ does not say on which side)',
  },
  cloudflare: {
    idleMs: 900_000,
    bounded: true,
    source: 'https://developers.cloudflare.com/fundamentals/reference/connection-limits/ (to the origin 900 s)',
  },
  akamai: {
    idleMs: 300_000,
    bounded: true,
    source: 'Akamai documentation, persistent connections to the origin (300 s)',
  },
  'oci-lb': {
    idleMs: 300_000,
    bounded: true,
    source: 'OCI Load Balancer documentation (keep-alive to backends 300 s)',
  },
  heroku: {
    idleMs: 90_000,
    bounded: true,
    source: 'https://github.com/heroku/nodejs-getting-started/pull/371 (Router 2.0: 90 s)',
  },
  nginx: {
    idleMs: 60_000,
    bounded: true,
    source: 'nginx, src/http/modules/ngx_http_upstream_keepalive_module.c (keepalive_timeout 60 s)',
  },
  'ingress-nginx': {
    idleMs: 60_000,
    bounded: true,
    source: 'ingress-nginx, internal/ingress/controller/config/config.go (upstream-keepalive-timeout 60)',
  },
  kong: { idleMs: 60_000, bounded: true, source: 'Kong, kong_defaults.lua (upstream_keepalive_idle_timeout 60)' },
  varnish: { idleMs: 60_000, bounded: true, source: 'Varnish, params.h (backend_idle_timeout 60 s)' },
  haproxy: {
    idleMs: 60_000,
    bounded: false,
    source:
      'HAProxy, src/server.c (pool-purge-delay: halves what is idle every 5 s; 15 to 20 s measured; no strict limit)',
  },
  envoy: {
    idleMs: 3_600_000,
    bounded: true,
    source: 'Envoy, config/core/v3/protocol.proto (HttpProtocolOptions.idle_timeout 1 h)',
  },
  istio: { idleMs: 3_600_000, bounded: true, source: 'Istio, connection_settings.go (http.idleTimeout 1 h)' },
  linkerd: { idleMs: 3_000, bounded: true, source: 'Linkerd proxy, env.rs (outbound pool idle 3 s)' },
  traefik: {
    idleMs: 90_000,
    bounded: true,
    source: 'Traefik, http_config.go (forwardingTimeouts.idleConnTimeout 90 s)',
  },
  caddy: { idleMs: 120_000, bounded: true, source: 'Caddy, httptransport.go (keepalive 2 min)' },
} as const satisfies Readonly<Record<string, Pool>>;

/** What a server stands behind. */
export type Behind = keyof typeof POOLS;
