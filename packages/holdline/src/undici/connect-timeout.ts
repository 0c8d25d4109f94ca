import type { Socket } from 'node:net';
import type { Cancel, Machine } from '../line/machine.js';

const BRANDS = ['undici.error.UND_ERR', 'undici.error.UND_ERR_CONNECT_TIMEOUT'].map((name) => Symbol.for(name));

/** What undici says of a connection that does not come up in time; also an `instanceof` undici's own class. */
function connectTimeoutError(socket: Socket, to: string, timeoutMs: number): Error {
  const tried = socket.autoSelectFamilyAttemptedAddresses;
  const addresses = tried ? `attempted addresses: ${tried.join(', ')}` : `attempted address: ${to}`;
  const error = new Error(`Connect Timeout Error (${addresses}, timeout: ${timeoutMs}ms)`);
  error.name = 'ConnectTimeoutError';
  for (const brand of BRANDS) Object.defineProperty(error, brand, { value: true });
  return Object.assign(error, { code: 'UND_ERR_CONNECT_TIMEOUT' });
}

/** As undici does it: where all addresses were tried and one did not answer in time, it is a timeout like any other. */
export function asUndiciTells(error: Error, socket: Socket, to: string, timeoutMs: number): Error {
  const errors: readonly NodeJS.ErrnoException[] = error instanceof AggregateError ? error.errors : [];
  if (!errors.some(({ code }) => code === 'ETIMEDOUT')) return error;
  return Object.assign(connectTimeoutError(socket, to, timeoutMs), { cause: error });
}

/** Destroys a socket that does not come up in time. @returns Ends the wait. */
export function boundConnecting(tcp: Socket, to: string, timeoutMs: number, machine: Machine): Cancel {
  if (timeoutMs === 0) return () => {};
  let end = machine.timer(timeoutMs, false, () => {
    // after a stall the loop may know that it has come up, and not have said so
    end = machine.afterTwoTurns(() => tcp.destroy(connectTimeoutError(tcp, to, timeoutMs)));
  });
  return () => end();
}
