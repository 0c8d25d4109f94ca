import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { monotonicMs } from '../../../clock.js';
import { headers } from '../../protocol.js';
import type { Directive, Kind } from '../../roles.js';
import { closeWhenIdle, crash, crashDuring, isOpenFor, splitNextWrite, stall } from './directives.js';
import { type Ledger, openDone, openLedger } from './ledger.js';
import type { AppSettings } from './settings.js';

/** What B makes of requests, whatever server hands them to it. */
export interface Executor {
  readonly ledger: Ledger;
  /** A client has connected. */
  connected(client: string): void;
  /** Executes a request, writes that down, and answers. */
  handle(client: string, request: IncomingMessage, response: ServerResponse): void;
}

/** A request that B has read the head of. */
interface Asked {
  readonly client: string;
  readonly id: string;
  readonly kind: Kind;
  readonly key?: string;
}

/** Opens the ledger, reads what an earlier process left, and makes an executor. */
export function openExecutor(settings: AppSettings): Executor {
  const { ledger, before } = openLedger(settings.ledgerPath);
  const obeyed = openDone(settings.obeyedPath);
  /** By client and key: the id of the request that had the effect, which the stored answer names. */
  const stored = new Map<string, string>();
  for (const entry of before) {
    if (entry.event === 'executed' && entry.key !== undefined && entry.effect)
      stored.set(`${entry.client} ${entry.key}`, entry.id);
  }
  const served = new WeakMap<Socket, number>();

  /** Writes a request down; calls back with the id that its answer names. */
  const execute = ({ client, ...asked }: Asked, then: (id: string) => void) => {
    const name = `${client} ${asked.key}`;
    const effect = asked.key === undefined || !stored.has(name);
    const id = effect ? asked.id : (stored.get(name) ?? asked.id);
    if (asked.key !== undefined && effect) stored.set(name, id);
    ledger.append({ event: 'executed', atMs: monotonicMs(), client, ...asked, effect }, () => then(id));
  };

  const isLast = (socket: Socket) => {
    const count = (served.get(socket) ?? 0) + 1;
    served.set(socket, count);
    return count === settings.maxRequestsPerConnection;
  };

  return {
    ledger,
    connected: (client) => ledger.append({ event: 'connected', atMs: monotonicMs(), client }),
    handle(client, request, response) {
      if (!isOpenFor(request)) return;
      const asked = askedOf(client, request);
      const directive = directiveOf(request, (id) => obeyed.first(`${client} ${id}`));
      setConnectionHeaders(response, settings, isLast(request.socket));
      if (directive?.do === 'answer-early') return answerEarly(asked, directive.status, response);
      request.on('end', () => {
        if (directive?.do === 'crash' && directive.when === 'before') return crash(directive, request.socket);
        if (directive?.do === 'stall') stall(directive.forMs);
        execute(asked, (id) => answer(id, directive, request, response));
      });
      request.resume();
    },
  };

  function answerEarly(asked: Asked, status: number, response: ServerResponse): void {
    const send = (id: string) => {
      response.statusCode = status;
      end(response, bodyOf(id, status < 400));
    };
    // Refused, it was not executed; else it is B's before its body is.
    if (status >= 400) send(asked.id);
    else execute(asked, send);
  }
}

function answer(
  id: string,
  directive: Directive | undefined,
  { socket }: IncomingMessage,
  response: ServerResponse,
): void {
  const body = bodyOf(id, true);
  if (directive?.do === 'crash') {
    if (directive.when === 'after') crash(directive, socket);
    else crashDuring(directive, response, body);
    return;
  }
  if (directive?.do === 'split-answer') splitNextWrite(socket, directive.at, directive.pauseMs);
  if (directive?.do === 'close-idle' || directive?.do === 'close-slowly')
    response.once('finish', () => closeWhenIdle(directive, socket));
  end(response, body);
}

/** With its length, for a proxy in front would else find another framing. */
function end(response: ServerResponse, body: string): void {
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
}

function bodyOf(id: string, done: boolean): string {
  return JSON.stringify({ id, done });
}

/** The hint is B's true limit in whole seconds; Node would tell that of its own timer, which it is late by a second. */
function setConnectionHeaders(response: ServerResponse, { idleLimitMs, hint }: AppSettings, last: boolean): void {
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Connection', last ? 'close' : 'keep-alive');
  const seconds = Math.floor((idleLimitMs ?? 0) / 1_000);
  if (hint && seconds > 0 && !last) response.setHeader('Keep-Alive', `timeout=${seconds}`);
}

function askedOf(client: string, { headers: told, method }: IncomingMessage): Asked {
  const key = told[headers.key];
  const id = String(told[headers.id]);
  if (method === 'GET') return { client, id, kind: 'GET' };
  return typeof key === 'string' ? { client, id, kind: 'keyed POST', key } : { client, id, kind: 'POST' };
}

/** What is to be done with a request besides, the first time that B gets it. */
function directiveOf({ headers: told }: IncomingMessage, first: (id: string) => boolean): Directive | undefined {
  const text = told[headers.directive];
  if (typeof text !== 'string' || !first(String(told[headers.id]))) return undefined;
  return JSON.parse(text) as Directive;
}
