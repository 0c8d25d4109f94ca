import type { Socket } from 'node:net';
import { answer, onRequests, type Running, serveRaw } from './support.js';

/** B's answers take this long, so A waits somewhat longer for a RST that may follow a FIN. */
const ANSWER_MS = 20;

/** How B ends the connection over a POST that it has executed. */
export const deaths: Readonly<Record<string, (socket: Socket) => void>> = {
  'closes it': (socket) => void socket.destroy(),
  'resets it': (socket) => void socket.resetAndDestroy(),
  'half-closes it, and resets it before A could look': (socket) => {
    socket.end(() => socket.resetAndDestroy());
  },
  'half-closes it, and resets it while A looks for evidence': (socket) => {
    socket.end(() => setTimeout(() => socket.resetAndDestroy(), ANSWER_MS / 4));
  },
  'half-closes it, and closes it much later': (socket) => {
    socket.end(() => setTimeout(() => socket.destroy(), ANSWER_MS * 3));
  },
};

/** B executes a POST at once, in much less than a round trip, and ends its connection; what else comes it answers. */
export async function executesAndDies(die: (socket: Socket) => void): Promise<Running & { executed: string[] }> {
  const executed: string[] = [];
  const b = await serveRaw((socket) => {
    onRequests(socket, (head) => {
      const [method, path = ''] = head.split(' ');
      if (method === 'POST') {
        executed.push(path);
        die(socket);
      } else setTimeout(() => socket.write(answer('ok')), ANSWER_MS);
    });
  });
  return { ...b, executed };
}
