// B, in a process of its own. It knows of HTTP only what the bench sends, for it must be quicker than any client: Node's
// own server takes longer for a request than Node's client does, so that one would measure it and not the arms.
// `/stale` is answered on a new connection only; on one that was used before B hangs up instead, as a server does that has
// just run into its idle limit.
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { ANSWER, BODY } from './messages.mjs';

const fixtures = new URL('../packages/holdline/test/sockets/fixtures/', import.meta.url);
const HEAD_END = Buffer.from('\r\n\r\n');

function serve(socket) {
  let held;
  let served = 0;
  socket.setNoDelay(true);
  socket.on('error', () => {}); // a client that ends while it is answered
  socket.on('data', (chunk) => {
    held = held ? Buffer.concat([held, chunk]) : chunk;
    const headEnd = held.indexOf(HEAD_END);
    const bodyBytes = held[0] === 'P'.charCodeAt(0) ? BODY.length : 0;
    if (headEnd < 0 || held.length < headEnd + HEAD_END.length + bodyBytes) return;
    const isStale = served++ > 0 && held.latin1Slice(4, 10) === '/stale';
    held = undefined;
    if (isStale) socket.destroy();
    else socket.write(ANSWER);
  });
}

const secured = {
  key: readFileSync(new URL('server.key', fixtures)),
  cert: readFileSync(new URL('server.crt', fixtures)),
};
const servers = { http: net.createServer(serve), https: tls.createServer(secured, serve) };
const ports = {};
for (const [transport, server] of Object.entries(servers)) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', 4_096, resolve));
  ports[transport] = server.address().port;
}
process.send(ports);
process.on('disconnect', () => process.exit());
