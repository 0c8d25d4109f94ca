import { checkServerIdentity, type TLSSocket } from 'node:tls';
import type { Failure } from './failure.js';

const REMEDY = 'Measure it nevertheless with --insecure.';

/** What is wrong with the certificate of a connection; undefined if nothing is. */
export function certificateFailure(socket: TLSSocket, name: string): Failure | undefined {
  if (socket.authorized) return undefined;
  const reason = String(socket.authorizationError);
  const certificate = socket.getPeerCertificate();
  const otherName = checkServerIdentity(name, certificate);
  if (reason === 'CERT_HAS_EXPIRED')
    return { code: 'tls-expired', message: `The certificate of ${name} expired on ${certificate.valid_to}. ${REMEDY}` };
  if (otherName) {
    const names =
      certificate.subjectaltname?.replaceAll('DNS:', '').replaceAll('IP Address:', '') ?? certificate.subject.CN;
    const untrusted = reason === 'ERR_TLS_CERT_ALTNAME_INVALID' ? '' : `, nor is it trusted (${reason})`;
    return {
      code: 'tls-wrong-name',
      message: `The certificate is for ${names}, not for ${name}${untrusted}. Another name can be stated with --sni. ${REMEDY}`,
    };
  }
  return {
    code: 'tls-untrusted',
    message: `The certificate of ${name} is not trusted (${reason}). State its authority with --ca FILE. ${REMEDY}`,
  };
}

/** Why a handshake failed. */
export function handshakeFailure(error: NodeJS.ErrnoException, name: string): Failure {
  const plain = error.code === 'ERR_SSL_WRONG_VERSION_NUMBER' || error.code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG';
  const why = plain ? 'what answers there does not speak TLS; is it http://?' : (error.code ?? error.message);
  return { code: 'tls-failed', message: `The TLS handshake with ${name} failed: ${why}` };
}
