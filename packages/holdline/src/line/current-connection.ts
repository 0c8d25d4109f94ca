import type { Duplex } from 'node:stream';
import { Connection, type ConnectionListener, type Dial, type SocketSettings } from './connection.js';
import { connectTimeoutError, hangUpError } from './errors.js';
import type { Cancel } from './machine.js';
import type { Origin } from './origin.js';

/** The one connection that a Line has at a time. What an earlier one still tells is not heard. */
export class CurrentConnection implements ConnectionListener {
  #connection: Connection;
  /** A later connection is being made: tells of its failure. */
  #replacing: { readonly endTimeout: Cancel; readonly failed: (error: Error) => void } | undefined;

  constructor(
    private readonly origin: Origin,
    private readonly dial: Dial,
    private readonly settings: SocketSettings,
    private readonly heard: ConnectionListener,
  ) {
    this.#connection = this.#make();
  }

  get now(): Connection {
    return this.#connection;
  }

  open(): void {
    this.#connection.open(this.dial);
  }

  /**
   * Leaves it and opens another one, within the time that replays have for it.
   *
   * @param failed - Is told if that one does not come up.
   */
  replace(failed: (error: Error) => void): void {
    const old = this.#connection;
    this.#connection = this.#make();
    old.leave();
    const { name, settings, machine } = this.origin;
    const timeoutMs = settings.replayConnectTimeoutMs;
    const endTimeout = machine.timer(timeoutMs, true, () => {
      this.#endReplacing()?.(connectTimeoutError(name, timeoutMs));
    });
    this.#replacing = { endTimeout, failed };
    try {
      this.open();
    } catch (error) {
      this.#endReplacing()?.(error as Error); // a user's own createConnection may throw
    }
  }

  /** Ends it. `closed` is told when it has, also if it had. */
  leave(): void {
    this.#endReplacing();
    if (this.#connection.isClosed) this.closed(this.#connection);
    else this.#connection.leave();
  }

  made(connection: Connection, socket: Duplex): void {
    this.heard.made(connection, socket);
  }

  opened(connection: Connection): void {
    if (connection !== this.#connection) return;
    this.#endReplacing();
    this.heard.opened(connection);
  }

  received(connection: Connection, chunk: Buffer): void {
    if (connection === this.#connection) this.heard.received(connection, chunk);
  }

  drained(connection: Connection): void {
    if (connection === this.#connection) this.heard.drained(connection);
  }

  ended(connection: Connection): void {
    // while it is being made an error follows
    if (connection === this.#connection && connection.isOpen) this.heard.ended(connection);
  }

  failed(connection: Connection, error: Error): void {
    if (connection !== this.#connection) return;
    if (this.#replacing) this.#endReplacing()?.(error);
    else this.heard.failed(connection, error);
  }

  closed(connection: Connection): void {
    if (connection !== this.#connection) return;
    if (this.#replacing) this.#endReplacing()?.(hangUpError());
    else this.heard.closed(connection);
  }

  #endReplacing(): ((error: Error) => void) | undefined {
    const replacing = this.#replacing;
    this.#replacing = undefined;
    replacing?.endTimeout();
    return replacing?.failed;
  }

  #make(): Connection {
    this.origin.counts.connects++;
    return new Connection(this.origin.machine, this, this.settings);
  }
}
