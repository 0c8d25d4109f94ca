import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { startProcess } from '../../../dist/lab/processes.js';
import { parseLedger } from '../../../dist/lab/servers/app/ledger.js';
import type { LedgerEntry } from '../../../src/lab/records.js';
import type { Directive, RunningServer, ServerContext, ServerSpec } from '../../../src/lab/roles.js';

export const HOST = '127.0.0.1';
export const full = Boolean(process.env['HOLDLINE_TEST_FULL']);

/** A directory for a test; gone afterwards. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'holdline-lab-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A server for all tests of a group; it starts when the first of them needs it. */
export function sharedServer(spec: ServerSpec, more: Partial<ServerContext> = {}): () => Promise<TestServer> {
  let starting: Promise<TestServer> | undefined;
  let directory: string | undefined;
  afterAll(async () => {
    await (await starting)?.stop();
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  });
  return () => {
    directory ??= mkdtempSync(join(tmpdir(), 'holdline-lab-test-'));
    return (starting ??= start(spec, directory, more));
  };
}

/** A server that runs for a test, and its ledger. */
export interface TestServer extends RunningServer {
  /** B's port for the client `one`. */
  readonly port: number;
  readonly pids: readonly number[];
  ledger(): LedgerEntry[];
  executed(id: string): number;
}

/** A server for one test. */
export async function startServer(spec: ServerSpec, more: Partial<ServerContext> = {}): Promise<TestServer> {
  const server = await start(spec, temporaryDirectory(), more);
  onTestFinished(() => server.stop());
  return server;
}

async function start(spec: ServerSpec, directory: string, more: Partial<ServerContext>): Promise<TestServer> {
  const ledgerPath = join(directory, 'ledger.ndjson');
  const pids: number[] = [];
  const server = await spec.start({
    clients: ['one', 'two'],
    host: HOST,
    ledgerPath,
    directory,
    hint: false,
    spawn(command, words, env) {
      const process = startProcess([], command, words, env);
      pids.push(process.pid);
      return process;
    },
    ...more,
  });
  const ledger = () => parseLedger(readFileSync(ledgerPath, 'utf8'));
  return {
    ...server,
    port: server.ports['one'] ?? 0,
    pids,
    ledger,
    executed: (id) => ledger().filter((entry) => entry.event === 'executed' && entry.id === id).length,
  };
}

/** What a raw client may ask. */
export interface Ask {
  readonly method?: 'GET' | 'POST';
  readonly key?: string;
  readonly directive?: Directive;
  readonly body?: string;
  /** Of the head, while the body is still held back. */
  readonly headOnly?: boolean;
}

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: { readonly id: string; readonly done: boolean };
}

/** A TCP connection that speaks HTTP and shows how it ends. It never closes by itself. */
export class RawClient {
  readonly #socket: Socket;
  #received = '';
  /** In the order in which they came: bytes, and the end. */
  readonly events: ('bytes' | 'fin' | 'reset')[] = [];
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    const note = (event: 'bytes' | 'fin' | 'reset') => {
      this.events.push(event);
      this.#wake();
    };
    socket.on('data', (bytes: Buffer) => {
      this.#received += bytes.toString('latin1');
      note('bytes');
    });
    socket.on('end', () => note('fin')).on('error', () => note('reset'));
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ port, host: HOST, allowHalfOpen: true, noDelay: true });
    onTestFinished(() => void socket.destroy());
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawClient(socket);
  }

  send(id: string, { method = 'GET', key, directive, body = '', headOnly = false }: Ask = {}): void {
    const head = [
      `${method} / HTTP/1.1`,
      'Host: b',
      `X-Request-Id: ${id}`,
      ...(key === undefined ? [] : [`Idempotency-Key: ${key}`]),
      ...(directive ? [`X-Lab-Directive: ${JSON.stringify(directive)}`] : []),
      ...(method === 'POST' ? [`Content-Length: ${body.length}`] : []),
    ];
    this.#socket.write(`${head.join('\r\n')}\r\n\r\n${headOnly ? '' : body}`);
  }

  sendRaw(text: string): void {
    this.#socket.write(text);
  }

  /** The next answer, or how the connection ended before it was whole. */
  async answer(): Promise<Answer | 'fin' | 'reset'> {
    for (;;) {
      const answer = this.#takeAnswer();
      if (answer) return answer;
      const last = this.events.at(-1);
      if (last === 'fin' || last === 'reset') return last;
      await this.#next();
    }
  }

  async ask(id: string, what: Ask = {}): Promise<Answer | 'fin' | 'reset'> {
    this.send(id, what);
    return this.answer();
  }

  /** How the connection ends, whoever ends it; what still comes is dropped. */
  async end(): Promise<'fin' | 'reset'> {
    for (;;) {
      const end = this.events.find((event) => event !== 'bytes');
      if (end === 'fin' || end === 'reset') return end;
      await this.#next();
    }
  }

  /** What came and is no answer yet. */
  get rest(): string {
    return this.#received;
  }

  close(): void {
    this.#socket.destroy();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #takeAnswer(): Answer | undefined {
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return undefined;
    const head = this.#received.slice(0, headEnd);
    const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const end = headEnd + 4 + length;
    if (this.#received.length < end) return undefined;
    const text = this.#received.slice(headEnd + 4, end);
    this.#received = this.#received.slice(end);
    return { status: Number(head.slice(9, 12)), head, body: JSON.parse(text || '{}') as Answer['body'] };
  }
}

/** Lets time pass on the real clock: idle limits of real servers are waited for. */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
