import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { onTestFinished } from 'vitest';

/** A client that does nothing by itself, so that a test says what goes over the wire, and sees what comes. */
export class RawClient {
  text = '';
  error: Error | undefined;
  /** It got the server's FIN, and not a RST. */
  ended = false;
  endedAtMs = Number.NaN;

  private constructor(readonly socket: Socket) {
    socket.on('data', (data: Buffer) => (this.text += data.toString('latin1')));
    socket.on('end', () => {
      this.ended = true;
      this.endedAtMs = performance.now();
    });
    socket.on('error', (error) => (this.error = error));
    onTestFinished(() => void socket.destroy());
  }

  /** @param secure - Over TLS; whoever the server is. */
  static async open(port: number, secure = false): Promise<RawClient> {
    const where = { host: '127.0.0.1', port, allowHalfOpen: true };
    const socket = secure ? tls.connect({ ...where, rejectUnauthorized: false }) : net.connect(where);
    const client = new RawClient(socket);
    await once(socket, secure ? 'secureConnect' : 'connect');
    return client;
  }

  /** Sends a request and does not wait for anything. */
  send(path: string, head = '', method = 'GET'): void {
    this.socket.write(`${method} ${path} HTTP/1.1\r\nHost: b\r\n${head}\r\n`);
  }

  /** The next whole answer's head and body; what the server says last, if the connection ends instead. */
  async answer(): Promise<string> {
    while (!isWhole(this.text) && !this.socket.closed && !this.ended) await this.#change();
    const answer = this.text;
    this.text = '';
    return answer;
  }

  async ask(path: string, head?: string): Promise<string> {
    this.send(path, head);
    return this.answer();
  }

  /** The server has ended the connection, or reset it. */
  async end(): Promise<void> {
    while (!this.ended && !this.socket.closed) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const events = ['data', 'end', 'close'];
      const changed = () => {
        for (const event of events) this.socket.off(event, changed);
        resolve();
      };
      for (const event of events) this.socket.on(event, changed);
    });
  }
}

function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const length = /^content-length: (\d+)/im.exec(text.slice(0, head))?.[1];
  if (length !== undefined) return text.length >= head + 4 + Number(length);
  return text.endsWith('0\r\n\r\n');
}
