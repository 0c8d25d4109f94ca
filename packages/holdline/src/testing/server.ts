import type { TcpEnd } from './tcp.js';

const HEAD_END = '\r\n\r\n';

/** Which request ids were executed, and how often: the judge of what ran twice and what was lost. */
export class Ledger {
  readonly #executions = new Map<string, number>();

  execute(id: string): void {
    this.#executions.set(id, this.times(id) + 1);
  }

  times(id: string): number {
    return this.#executions.get(id) ?? 0;
  }
}

/** How a {@link ScriptedServer} goes about it. */
export interface ServerHabits {
  /** It executes a request once its head is there, or (default) once it is whole. */
  readonly acts?: 'on-head' | 'on-whole';
  /** Once it has half-closed, it executes what still comes. Default: it reads and discards, as servers do that linger. */
  readonly late?: boolean;
  /** The `Keep-Alive` header of its answers. */
  readonly keepAlive?: string;
}

/** The answer to a request. */
export function answerTo(id: string, keepAlive?: string): string {
  const hint = keepAlive === undefined ? '' : `\r\nKeep-Alive: ${keepAlive}`;
  return `HTTP/1.1 200 OK${hint}\r\nContent-Length: ${id.length}${HEAD_END}${id}`;
}

/**
 * A server's program on one connection, which does each thing when told. A request's id is its path without the slash;
 * the answer's body is that id.
 *
 * @example
 * const server = new ScriptedServer(connection.server, ledger);
 * server.execute();
 * server.answer();
 * server.close();
 */
export class ScriptedServer {
  /** Ids of requests that it has executed and not answered in whole. */
  readonly owing: string[] = [];
  /** All bytes that it has read to execute them. */
  readText = '';
  #at = 0;
  #begun = 0;
  #hasEnded = false;

  constructor(
    readonly tcp: TcpEnd,
    private readonly ledger: Ledger,
    private readonly habits: ServerHabits = {},
  ) {}

  /** It has ended the connection, at least its own side. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** It has sent a part of the answer that it owes. */
  get hasBegun(): boolean {
    return this.#begun > 0;
  }

  /** It executes what it reads. */
  get reads(): boolean {
    return !this.#hasEnded || (this.habits.late === true && !this.tcp.closed);
  }

  /** Reads what has arrived and executes it. */
  execute(): void {
    const { reads } = this;
    const found = this.tcp.read();
    if (typeof found === 'string' || !reads) return;
    this.readText += found.toString('latin1');
    for (let id = this.#nextRequest(); id !== undefined; id = this.#nextRequest()) {
      this.ledger.execute(id);
      this.owing.push(id);
    }
  }

  /** Sends the first bytes of the answer that it owes. */
  beginAnswer(bytes: number): void {
    this.#send(bytes);
  }

  /** Sends the rest of the answer that it owes. */
  answer(): void {
    this.#send(Number.POSITIVE_INFINITY);
  }

  /** Closes: a FIN, or a RST where it has not read all. */
  close(): void {
    this.#hasEnded = true;
    this.tcp.close();
  }

  /** Ends its own side, and still reads: it lingers. */
  halfClose(): void {
    this.#hasEnded = true;
    this.tcp.shutdown();
  }

  /** Closes by a RST. */
  reset(): void {
    this.#hasEnded = true;
    this.tcp.reset();
  }

  #send(most: number): void {
    const [id] = this.owing;
    if (id === undefined || !this.tcp.sends) return;
    const answer = answerTo(id, this.habits.keepAlive);
    const part = answer.slice(this.#begun, this.#begun + most);
    this.#begun += part.length;
    this.tcp.send(Buffer.from(part, 'latin1'));
    if (this.#begun < answer.length) return;
    this.#begun = 0;
    this.owing.shift();
  }

  /** The id of the next request that it can execute; it has then taken the request's bytes. */
  #nextRequest(): string | undefined {
    const rest = this.readText.slice(this.#at);
    const headEnd = rest.indexOf(HEAD_END);
    if (headEnd < 0) return undefined;
    const head = rest.slice(0, headEnd);
    const id = /^[A-Z]+ \/(\S*) HTTP\/1\.1\r\n/.exec(head)?.[1];
    if (id === undefined) throw new Error(`Holdline: the server got ${JSON.stringify(rest)}, which is no request.`);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const end = headEnd + HEAD_END.length + length;
    if (this.habits.acts !== 'on-head' && rest.length < end) return undefined;
    // what it acts on early it takes whole, so that the body is not read as a request
    this.#at += end;
    return id;
  }
}
