/** What Node's HTTP client says of a FIN under a request. */
export function hangUpError(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

/** What Node says to a write that its socket's end has overtaken. */
export function destroyedError(): Error {
  return Object.assign(new Error('Cannot call write after a stream was destroyed'), { code: 'ERR_STREAM_DESTROYED' });
}

/** What `net.Socket` says to a write after the server's FIN. */
export function endedError(): Error {
  return Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
}

export function connectTimeoutError(origin: string, timeoutMs: number): Error {
  const message = `Holdline: connecting to ${origin} took longer than replayConnectTimeoutMs (${timeoutMs} ms)`;
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}

/** Whether the error is a RST, or a write that met one. */
export function isReset(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE';
}
