/** Why something could not be measured. Each is explained by `holdline probe --explain CODE`. */
export type FailureCode =
  | 'no-such-host'
  | 'refused'
  | 'unreachable'
  | 'connect-timeout'
  | 'too-many-files'
  | 'proxy-refused'
  | 'tls-expired'
  | 'tls-wrong-name'
  | 'tls-untrusted'
  | 'tls-failed'
  | 'not-http'
  | 'closed-at-once'
  | 'no-answer'
  | 'body-too-large';

/** What went wrong: a stable code, and a sentence that names the thing and the remedy. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
}

/** What the operating system's code for a failed connect means. */
export function connectFailure(error: NodeJS.ErrnoException, where: string): Failure {
  switch (error.code) {
    case 'ECONNREFUSED':
      return { code: 'refused', message: `${where} refuses connections: nothing listens there. Check host and port.` };
    case 'ENOENT':
      return { code: 'refused', message: `${where} does not exist: is the server running, and the path right?` };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { code: 'no-such-host', message: `${where}: the name is not known to DNS (${error.code}).` };
    case 'EMFILE':
    case 'ENFILE':
      return {
        code: 'too-many-files',
        message: `${where}: this process may not open more files (${error.code}). Raise \`ulimit -n\`, or lower --connections.`,
      };
    case 'ETIMEDOUT':
      return { code: 'connect-timeout', message: `${where} did not answer the attempt to connect.` };
    case 'ECONNRESET':
    case 'EPIPE':
      return { code: 'closed-at-once', message: `${where} reset the connection before anything was said.` };
    default:
      return { code: 'unreachable', message: `${where} cannot be reached: ${error.message}.` };
  }
}
