import type { TLSSocket } from 'node:tls';
import { Line } from './line.js';

/** What of a TLS socket is read from the real one of the moment. */
const READ = ['authorized', 'authorizationError', 'alpnProtocol', 'servername'] as const;
/** What is asked of it, or done to it. */
const CALLED = [
  'disableRenegotiation',
  'exportKeyingMaterial',
  'getCertificate',
  'getCipher',
  'getEphemeralKeyInfo',
  'getFinished',
  'getPeerCertificate',
  'getPeerFinished',
  'getPeerX509Certificate',
  'getProtocol',
  'getSession',
  'getSharedSigalgs',
  'getTLSTicket',
  'getX509Certificate',
  'isSessionReused',
  'renegotiate',
  'setKeyCert',
  'setMaxSendFragment',
  'enableTrace',
] as const;

/** The face of a `tls.TLSSocket`. Before the handshake it answers as a TLS socket would that has not connected. */
export class TlsLine extends Line {
  readonly encrypted = true;
}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the members are defined below
export interface TlsLine extends Pick<TLSSocket, (typeof READ)[number] | (typeof CALLED)[number]> {}

for (const name of READ) {
  Object.defineProperty(TlsLine.prototype, name, {
    configurable: true,
    get(this: TlsLine) {
      const socket = this.socket as Partial<TLSSocket> | undefined;
      return name in (socket ?? {}) ? socket?.[name] : name === 'authorized' ? false : null;
    },
  });
}

for (const name of CALLED) {
  Object.defineProperty(TlsLine.prototype, name, {
    configurable: true,
    value(this: TlsLine, ...args: never[]) {
      const method = (this.socket as Partial<Record<typeof name, (...args: never[]) => unknown>> | undefined)?.[name];
      return method?.apply(this.socket, args);
    },
  });
}
