import type { Instant } from './clock.js';
import type { Failure } from './failure.js';
import type { Proxy } from './target.js';

/** Where one connection goes, and how. */
export interface Route {
  readonly host: string;
  readonly port: number;
  /** The address to connect to; undefined for a Unix socket, and where the proxy resolves the name. */
  readonly address?: string;
  readonly socketPath?: string;
  readonly proxy?: Proxy;
  readonly tls?: TlsRoute;
}

/** How TLS is spoken on a {@link Route}. */
export interface TlsRoute {
  readonly serverName: string;
  /** Take a certificate that is expired, for another name, or not trusted. */
  readonly insecure: boolean;
  /** Certificates of authorities to trust besides Node's own, in PEM. */
  readonly ca?: string;
  readonly alpn: readonly string[];
}

/** How a server ended a connection, as the client's socket tells it. */
export type WireEnd = 'fin' | 'close-notify' | 'reset' | 'lost';

/** What is known once a connection can carry a request. */
export interface WireFacts {
  readonly at: Instant;
  /** From SYN to SYN-ACK, in ms; where there is a proxy, how long it took to open the tunnel. */
  readonly connectMs: number;
  readonly localPort?: number;
  /** The protocol that the server chose by ALPN. */
  readonly alpn?: string;
  readonly tlsVersion?: string;
}

/** What a connection tells. After `fail` or `end` nothing more comes. */
export interface WireListener {
  open(facts: WireFacts): void;
  data(bytes: Buffer, at: Instant): void;
  /** The server ended it. */
  end(how: WireEnd, at: Instant): void;
  /** It never came to carry a request. */
  fail(failure: Failure): void;
}

/** One connection, as little of it as the probe needs. */
export interface Wire {
  write(text: string): void;
  destroy(): void;
}

/** Opens a connection. The real one is `dial`; tests have one in virtual time. */
export type Dial = (route: Route, listener: WireListener) => Wire;

/** Names a route in messages. */
export function nameOf({ socketPath, proxy, address, host, port }: Route): string {
  if (socketPath !== undefined) return socketPath;
  if (proxy) return `the proxy ${proxy.host}:${proxy.port}`;
  const bracketed = address?.includes(':') ? `[${address}]` : address;
  return address === undefined || address === host ? `${bracketed ?? host}:${port}` : `${host} (${bracketed}:${port})`;
}
