import { isIP } from 'node:net';

/** How and where to connect for a URL, as asked for. */
export interface TargetOptions {
  /** Addresses to take for a host and port instead of DNS, as `host:port:address`; an IPv6 address may be in brackets. */
  readonly resolve?: readonly string[];
  /** The name for TLS's server name indication, and to check the certificate against; default: the URL's host. */
  readonly sni?: string;
  /** Connect to this Unix socket instead of the URL's host and port. */
  readonly socketPath?: string;
  /** An HTTP proxy (`http://host:port`) to tunnel through with CONNECT; user and password in it are sent to it. */
  readonly proxy?: string;
}

/** A URL to be probed, taken apart. */
export interface Target {
  /** As given, with a scheme. */
  readonly url: string;
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
  /** What the `Host` header says. */
  readonly authority: string;
  /** The name that the certificate is for. */
  readonly serverName: string;
  readonly socketPath?: string;
  readonly proxy?: Proxy;
  /** Addresses that replace DNS; undefined if DNS is to be asked. */
  readonly addresses?: readonly string[];
}

/** A proxy to tunnel through. */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** The value of `Proxy-Authorization`. */
  readonly authorization?: string;
}

/**
 * Takes a URL apart.
 *
 * @param text - A URL; without a scheme `https://` is taken, but `http://` for an address of this machine.
 * @throws RangeError where the URL or an option cannot be used; it says what was expected.
 */
export function parseTarget(text: string, options: TargetOptions = {}): Target {
  const url = parseUrl(text);
  const secure = url.protocol === 'https:';
  const host = unbracketed(url.hostname);
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const addresses = (options.resolve ?? []).map(parseResolve).filter((one) => one.host === host && one.port === port);
  return {
    url: url.href,
    secure,
    host,
    port,
    path: `${url.pathname}${url.search}`,
    authority: url.host,
    serverName: options.sni ?? host,
    ...(options.socketPath !== undefined && { socketPath: options.socketPath }),
    ...(options.proxy !== undefined && { proxy: parseProxy(options.proxy) }),
    ...(addresses.length > 0 && { addresses: addresses.map(({ address }) => address) }),
  };
}

function parseUrl(text: string): URL {
  // `localhost:3000` parses as a URL of the scheme `localhost:`, so what lacks `://` gets one first.
  const hasScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(text);
  const local = /^(localhost|127\.|\[::1\])/i.test(text);
  const url = tryUrl(hasScheme ? text : `${local ? 'http' : 'https'}://${text}`);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new RangeError(`'${text}' is no URL to probe: expected http://host, https://host or host[:port].`);
  return url;
}

function tryUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function parseResolve(text: string): { host: string; port: number; address: string } {
  const [, host = '', port = '', address = ''] = /^(.+?):(\d+):(.+)$/.exec(text) ?? [];
  const bare = unbracketed(address);
  if (!isIP(bare))
    throw new RangeError(`--resolve '${text}': expected host:port:address, as in example.com:443:192.0.2.1.`);
  return { host: unbracketed(host), port: Number(port), address: bare };
}

function parseProxy(text: string): Proxy {
  const url = tryUrl(text.includes('://') ? text : `http://${text}`);
  if (url?.protocol !== 'http:')
    throw new RangeError(
      `--proxy '${text}': expected http://host:port (a proxy that is itself reached over TLS is not supported).`,
    );
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    host: unbracketed(url.hostname),
    port: url.port === '' ? 80 : Number(url.port),
    ...(url.username !== '' && { authorization: `Basic ${Buffer.from(user).toString('base64')}` }),
  };
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
