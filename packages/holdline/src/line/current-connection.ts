import { Connection, type ConnectionListener, type Dial, type SocketSettings } from './connection.js';
import { connectTimeoutError, hangUpError } from './errors.js';
import type { Cancel } from './machine.js';
import type { Origin } from './origin.js';

/** The one connection that a Line has at a time. What an earlier one still tells is not heard. */
export class CurrentConnection {
  #connection: Connection;
  /** A later connection is being made: tells of its failure. */
  #replacing: { readonly endTimeout: Cancel; readonly failed: (error: Error) => void } | undefined;
  readonly #listener: ConnectionListener;

  constructor(
    private readonly origin: Origin,
    private readonly dial: Dial,
    private readonly settings: SocketSettings,
    heard: ConnectionListener,
  ) {
    const isCurrent = (connection: Connection) => connection === this.#connection;
    this.#listener = {
      made: (connection, socket) => heard.made(connection, socket),
      opened: (connection) => {
        if (!isCurrent(connection)) return;
        this.#endReplacing();
        heard.opened(connection);
      },
      received: (connection, chunk) => void (isCurrent(connection) && heard.received(connection, chunk)),
      drained: (connection) => isCurrent(connection) && heard.drained(connection),
      // while it is being made an error follows
      ended: (connection) => isCurrent(connection) && connection.isOpen && heard.ended(connection),
      failed: (connection, error) => {
        if (!isCurrent(connection)) return;
        if (this.#replacing) this.#endReplacing()?.(error);
        else heard.failed(connection, error);
      },
      closed: (connection) => {
        if (!isCurrent(connection)) return;
        if (this.#replacing) this.#endReplacing()?.(hangUpError());
        else heard.closed(connection);
      },
    };
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
    if (this.#connection.isClosed) this.#listener.closed(this.#connection);
    else this.#connection.leave();
  }

  #endReplacing(): ((error: Error) => void) | undefined {
    const replacing = this.#replacing;
    this.#replacing = undefined;
    replacing?.endTimeout();
    return replacing?.failed;
  }

  #make(): Connection {
    this.origin.counts.connects++;
    return new Connection(this.origin.machine, this.#listener, this.settings);
  }
}
