import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { channels, type ReplayEvent } from 'holdline';
import { headers } from '../protocol.js';

// What a client's process can tell of a request, whichever client sent it: all of them end up in node:http or undici,
// and these say what they do on diagnostics channels.

interface Watched {
  socket?: Socket;
  port?: number;
  /** The head of an answer has come, to the attempt that was made last. */
  began: boolean;
}

const open = new Map<string, Watched>();
const ofRequest = new WeakMap<object, Watched>();

/** Whose turn it is: Holdline's events come in the async context of the request that they are about. */
const currentId = new AsyncLocalStorage<string>();

/** Runs `send` as the request `id`; {@link seen} tells of it until it has settled. */
export async function watching<Result>(id: string, send: () => Promise<Result>): Promise<Result> {
  open.set(id, { began: false });
  return currentId.run(id, send);
}

/** What was seen of a request; forgets it. */
export function seen(id: string): { readonly port?: number; readonly began: boolean } {
  const watched = open.get(id);
  open.delete(id);
  const port = watched?.socket?.localPort ?? watched?.port;
  return { began: watched?.began ?? false, ...(port !== undefined && { port }) };
}

/** Calls `saw` for each request that Holdline has sent again. */
export function onReplay(saw: (id: string, reason: string, ok: boolean) => void): void {
  subscribe(channels.replay, (message) => {
    const { reason, ok } = message as ReplayEvent;
    const id = currentId.getStore();
    if (id !== undefined) saw(id, reason, ok);
  });
}

function left(id: string | undefined, socket: Socket | undefined, request: object): void {
  const watched = id === undefined ? undefined : open.get(id);
  if (!watched) return;
  watched.began = false;
  ofRequest.set(request, watched);
  if (socket) onSocket(watched, socket);
}

function onSocket(watched: Watched, socket: Socket): void {
  watched.socket = socket;
  if (socket.localPort !== undefined) watched.port = socket.localPort;
  else
    socket.once('connect', () => {
      if (socket.localPort !== undefined) watched.port = socket.localPort;
    });
}

function began(request: object): void {
  const watched = ofRequest.get(request);
  if (watched) watched.began = true;
}

subscribe('http.client.request.start', (message) => {
  const { request } = message as { request: ClientRequest };
  const id = request.getHeader(headers.id);
  left(typeof id === 'string' ? id : undefined, request.socket ?? undefined, request);
  const watched = ofRequest.get(request);
  if (watched && !request.socket) request.once('socket', (socket) => onSocket(watched, socket));
});
subscribe('http.client.response.finish', (message) => began((message as { request: object }).request));

const ID_LINE = new RegExp(`^${headers.id}: ?(\\S+)`, 'im');
subscribe('undici:client:sendHeaders', (message) => {
  const { request, headers: head, socket } = message as { request: object; headers: string; socket: Socket };
  left(ID_LINE.exec(head)?.[1], socket, request);
});
subscribe('undici:request:headers', (message) => began((message as { request: object }).request));
