import type { IpcNetConnectOpts, TcpNetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';

/** What undici asks a connector for. */
export interface ConnectTo {
  readonly hostname: string;
  readonly host?: string | undefined;
  readonly protocol: string;
  readonly port: string;
  readonly servername?: string | null | undefined;
  readonly localAddress?: string | null | undefined;
  readonly socketPath?: string | null | undefined;
  readonly allowH2?: boolean | undefined;
  readonly httpSocket?: Duplex | undefined;
}

/** The answer of a connector. */
export type Connected = (...answer: [error: null, socket: never] | [error: Error, socket: null]) => void;

/** A function that undici takes as `connect`. It may return what is connecting, so that undici can end it. */
export type Connect = (to: never, connected: (error: Error | null, socket: Duplex | null) => void) => unknown;

/** What is undici's own among its options for connecting; the rest is Node's, of `net.connect` and `tls.connect`. */
interface UndiciConnectOptions {
  /** How long connecting may take, TLS included, in ms; default 10 000, 0 for as long as it takes. Holds for replays too. */
  readonly timeout?: number | null;
  /** Offer HTTP/2 over TLS. Where the server takes it, the connection is passed on without a Line. Default `false`. */
  readonly allowH2?: boolean;
  /** Prefer HTTP/2 to HTTP/1.1 where both are offered. Default `false`. */
  readonly preferH2?: boolean;
  /** How many servers' TLS sessions are kept to be resumed; default 100. */
  readonly maxCachedSessions?: number | null;
  /** A Unix socket, or a named pipe, instead of host and port. */
  readonly socketPath?: string | null;
  /** TCP keep-alive probes; default `true`. */
  readonly keepAlive?: boolean | null;
  /** From the last byte to the first probe, in ms; default 60 000. */
  readonly keepAliveInitialDelay?: number | null;
}

/** What undici's own `buildConnector` takes. */
export type ConnectOptions = Partial<
  Omit<ConnectionOptions & TcpNetConnectOpts & IpcNetConnectOpts, keyof UndiciConnectOptions>
> &
  UndiciConnectOptions;

/** Of all options that a dispatcher is given, those that are about connecting. */
export const CONNECT_OPTIONS: ReadonlySet<string> = new Set([
  'ALPNCallback',
  'SNICallback',
  'allowH2',
  'allowPartialTrustChain',
  'autoSelectFamily',
  'autoSelectFamilyAttemptTimeout',
  'blockList',
  'ca',
  'cert',
  'checkServerIdentity',
  'ciphers',
  'clientCertEngine',
  'crl',
  'dhparam',
  'ecdhCurve',
  'enableTrace',
  'family',
  'hints',
  'honorCipherOrder',
  'keepAlive',
  'keepAliveInitialDelay',
  'key',
  'localAddress',
  'localPort',
  'lookup',
  'maxCachedSessions',
  'maxVersion',
  'minDHSize',
  'minVersion',
  'noDelay',
  'passphrase',
  'pfx',
  'preferH2',
  'privateKeyEngine',
  'privateKeyIdentifier',
  'pskCallback',
  'rejectUnauthorized',
  'requestOCSP',
  'secureContext',
  'secureOptions',
  'secureProtocol',
  'servername',
  'session',
  'sessionIdContext',
  'sessionTimeout',
  'sigalgs',
  'socketPath',
  'ticketKeys',
  'timeout',
]);
