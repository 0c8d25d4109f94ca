import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Dial } from './connection.js';
import { originName } from './options.js';

/** Where a connection leads, and how it is made: what `net.connect` takes. */
export interface ConnectOptions {
  readonly host?: string | undefined;
  readonly port?: number | string | undefined;
  readonly socketPath?: string | undefined;
  readonly timeout?: number | undefined;
  readonly allowHalfOpen?: boolean | undefined;
  readonly highWaterMark?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly [other: string]: unknown;
}

/**
 * How the Line opens its own connections. The TCP socket stays half-open when the server ends it, so that nothing is
 * sent before the evidence is weighed; its idle timeout is the Line's.
 */
export function ownDial(options: ConnectOptions, secure?: (tcp: Socket) => TLSSocket): Dial {
  return { kind: 'own', connect: () => connect(ownOptions(options)), ...(secure && { secure }) };
}

/** Made anew each time: what is kept of a connection is multiplied by all that are open. */
function ownOptions({ timeout: _timeout, signal: _signal, ...options }: ConnectOptions): TcpNetConnectOpts {
  return { ...options, allowHalfOpen: true } as unknown as TcpNetConnectOpts;
}

/** The name of the origin that the options lead to. */
export function originOf(protocol: string, options: ConnectOptions): string {
  if (options.socketPath) return `unix:${options.socketPath}`;
  const host = options.host ?? 'localhost';
  const shown = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const port = options.port ?? (protocol === 'https:' ? 443 : 80);
  const origin = `${protocol}//${shown}:${port}`;
  // what is no host to a URL, such as `fe80::1%eth0`, may be one to Node
  return URL.canParse(origin) ? originName(origin) : origin;
}
