// What a server does to requests that are on their way, and must not.
import { edit, sockets, unit, without } from './mutant.mjs';

const hardened = (test) => sockets('server/http', `a hardened server of node:http ${test}`);
const drained = (test) => hardened(`that is drained ${test}`);

export const ofServer = [
  {
    name: 'an idle connection is closed without a look',
    edits: [edit('server/closing', 'then(socket.bytesRead !== bytesWhenIdle);', 'then(false);')],
    killedBy: [hardened('answers a request that had arrived before its event loop stood still past the idle limit')],
  },
  {
    name: 'an idle close lingers, and takes the evidence from the client',
    edits: [
      edit(
        'server/hardened-server',
        'else connection.socket.destroy();',
        'else linger(connection.socket, this.settings.lingerMs);',
      ),
    ],
    killedBy: [
      hardened(
        'answers what comes after its idle limit by a RST, so that the client may know that it was not received',
      ),
    ],
  },
  {
    name: 'no linger after a body that was not read',
    edits: [
      edit(
        'server/hardened-server',
        'linger(connection.socket, this.settings.lingerMs);',
        'linger(connection.socket, 0);',
      ),
    ],
    killedBy: [hardened('has its refusal arrive, though the client was sending more than it reads')],
  },
  {
    name: 'a 408 for a connection that was opened in advance',
    edits: [
      edit(
        'server/hardened-server',
        "const isTimeout = (error as NodeJS.ErrnoException).code === 'ERR_HTTP_REQUEST_TIMEOUT';",
        'const isTimeout: boolean = false;',
      ),
    ],
    killedBy: [
      sockets(
        'server/http',
        'a connection that was opened in advance ends by a FIN, after the idle limit, with no 408',
      ),
    ],
  },
  {
    name: 'the accept queue is reset with the listener',
    edits: [without('server/drain', '  await acceptWhatWaits(servers);\n')],
    killedBy: [drained('serves the connections that were made just before it stopped accepting, and none after')],
  },
  {
    name: "Node's own close, which destroys idle connections, for a drain",
    edits: [
      edit(
        'server/server-drain',
        'if (server.listening) net.Server.prototype.close.call(server);',
        'if (server.listening) server.close();',
      ),
    ],
    killedBy: [drained('answers every request that clients may still send, and says that it was the last')],
  },
  {
    name: 'a drain ends an idle connection before its promised time',
    edits: [
      edit('policy/drain', 'return connection.idleSinceMs + idleMs;', 'return connection.idleSinceMs + idleMs / 2;'),
    ],
    killedBy: [
      unit('policy/drain', 'a connection may be closed when it has been idle for as long as its client may use it'),
      drained('leaves an idle connection alone until its client may no longer use it, then ends it by a FIN'),
    ],
  },
  {
    name: 'a 503 instead of an answer',
    edits: [
      edit(
        'server/hardened-server',
        'if (hinting || this.marking) response.writeHead',
        'if (this.marking) response.statusCode = 503;\n    if (hinting || this.marking) response.writeHead',
      ),
    ],
    killedBy: [drained('answers every request that clients may still send, and says that it was the last')],
  },
  {
    name: 'only what begins during a drain is marked',
    edits: [without('server/hardened-server', '      if (connection.response) markLast(connection.response, this);\n')],
    killedBy: [
      sockets(
        'server/drain',
        'a drain marks a response that is under way, and keeps what a library has put around its head',
      ),
    ],
  },
  {
    name: 'each of several responses that are under way says that it is the last',
    edits: [
      edit(
        'server/hardened-server',
        'return this.marking && connectionOf(response.req.socket)?.response === response;',
        'return this.marking;',
      ),
    ],
    killedBy: [
      sockets(
        'server/drain',
        'a drain answers all of several requests that came at once on a connection, and counts each',
      ),
    ],
  },
  {
    name: 'nobody hears that a connection has become idle',
    edits: [edit('server/socket-hooks', '    tell(this);\n    return this;', '    return this;')],
    killedBy: [
      sockets(
        'server/http',
        'the idle limit is the promised time and the buffer, also where Node has a buffer of its own',
      ),
    ],
  },
];
