import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { answer, listen, onRequests, type Running, serveRaw } from '../sockets/support.js';

/** One request of a caller. */
export interface Request {
  readonly caller: string;
  readonly method?: string;
  readonly path: string;
  readonly body?: string;
  /** Left out: the server of the test. */
  readonly url?: string;
  readonly timeoutMs?: number;
}

/** What the client process is to do, see client.cjs. */
export interface Plan {
  readonly tool: string;
  readonly order: 'tool first' | 'holdline first';
  readonly agent: 'holdline' | 'plain';
  readonly url: string;
  readonly requests: readonly (Request | { readonly stopTool: true })[];
}

/** What a tool noted of a request. */
export interface Span {
  readonly id: string;
  /** The caller in whose span it began. */
  readonly parent?: string;
  readonly name: string;
  readonly status?: number;
  readonly failed?: boolean;
  readonly ended: boolean;
}

export interface Seen {
  /** Whose each event was, by the user's own AsyncLocalStorage and by the tool. */
  readonly events: Record<string, { readonly tenant?: string; readonly trace?: string }>;
  readonly status?: number;
  readonly body?: string;
  readonly reused: boolean;
  readonly error?: { readonly name: string; readonly code: string; readonly message: string; readonly reason?: string };
}

export interface Outcome {
  readonly requests: readonly Seen[];
  readonly counts?: Record<string, number>;
  readonly spans: readonly Span[];
  readonly complaints: readonly string[];
  /** What the client wrote to stderr. */
  readonly warnings: string;
}

export interface B extends Running {
  /** Each request that B heard: `GET /answer`, the connection that it came over, the span that its header names. */
  readonly heard: { readonly name: string; readonly connection: number; readonly span?: string }[];
}

const LIMIT_MS = 20_000;
const fixture = (name: string) => readFileSync(path.join(import.meta.dirname, '../sockets/fixtures', name), 'utf8');

/**
 * B answers, `/large` with over a megabyte, `/silent` never; `/hang-up` is read, not executed, and hung up on where its connection had served a
 * request before; `/dies` is hung up on always.
 */
export async function serveB(scheme: 'http:' | 'https:'): Promise<B> {
  const heard: B['heard'] = [];
  let connections = 0;
  const serve = (socket: Socket) => {
    const connection = connections++;
    let served = 0;
    onRequests(socket, (head, body) => {
      const [method, target] = head.split(' ');
      const span = /^traceparent: 00-\w+-(\w+)-/im.exec(head)?.[1];
      heard.push({ name: `${method} ${target}`, connection, ...(span !== undefined && { span }) });
      const reused = served++ > 0;
      if (target === '/dies' || (target === '/hang-up' && reused)) socket.destroy();
      else if (target === '/large') socket.write(answer('large '.repeat(200_000)));
      else if (target !== '/silent') socket.write(answer(body || 'answered'));
    });
  };
  if (scheme === 'http:') return { ...(await serveRaw(serve)), heard };
  const server = tls.createServer({ key: fixture('server.key'), cert: fixture('server.crt') }, serve);
  return { ...(await listen(server, scheme)), heard };
}

/** Runs a client process to its end. Rejects unless it ends with 0 in time. */
export function runClient(plan: Plan): Promise<Outcome> {
  const argument = JSON.stringify({ ...plan, ca: fixture('ca.crt') });
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(import.meta.dirname, 'client.cjs'), argument], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
    });
    let said = '';
    let warnings = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (warnings += text));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0 && said !== '') resolve({ ...(JSON.parse(said) as Outcome), warnings });
      else reject(new Error(`the client under ${plan.tool} ended with ${code ?? signal}:\n${warnings}${said}`));
    });
  });
}
