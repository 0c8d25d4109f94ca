import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { type ConnectOptions, ownDial } from '../line/dial.js';
import type { Origin } from '../line/origin.js';
import { TlsLine } from '../line/tls-line.js';
import { offersHttp2, warnHttp2 } from '../line/unsupported.js';

/**
 * A Line for an `https.Agent`: the Line opens the TCP connection, and the agent speaks TLS over it.
 *
 * @param createConnection - The agent's own, of Node, without the callback: that knows the first request, which the Line would
 * keep for as long as it lives.
 */
export function httpsLine(
  origin: Origin,
  options: ConnectOptions,
  createConnection: (options: ConnectOptions) => Duplex | undefined,
): TlsLine {
  const dial = ownDial(options, (tcp) => {
    const tls = createConnection({ ...options, timeout: undefined, socket: tcp }) as TLSSocket;
    if (offersHttp2(options['ALPNProtocols'])) tls.once('secureConnect', () => leaveHttp2(tls));
    return tls;
  });
  const line = new TlsLine(origin, dial, options);
  const leaveHttp2 = ({ alpnProtocol }: TLSSocket): void => {
    if (alpnProtocol !== 'h2') return;
    warnHttp2(origin.name);
    line.stepAside();
  };
  return line;
}
