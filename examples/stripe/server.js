// A stand-in for Stripe's API: some workers behind one port, of which now and then one dies over a charge.
import cluster from 'node:cluster';
import { appendFileSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { text } from 'node:stream/consumers';

const [ledger] = process.argv.slice(2);
const IDLE_LIMIT_MS = 200;

/** More than there are charges to die over. */
const WORKERS = 3;

if (cluster.isPrimary) supervise();
else charge();

function supervise() {
  // the kernel gives each connection to a worker that lives
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  let ready = 0;
  cluster.on('message', (_worker, port) => ++ready === WORKERS && process.send(port));
  for (let i = 0; i < WORKERS; i++) cluster.fork();
  process.on('disconnect', () => process.exit());
}

/** A charge goes into the ledger before it is answered, with its key, by which it is known when it comes again. */
function charge() {
  const closings = new WeakMap();
  const server = http.createServer(async (request, response) => {
    const { headers, socket } = request;
    const usedBefore = closings.has(socket);
    clearTimeout(closings.get(socket));
    const order = new URLSearchParams(await text(request)).get('description');
    const line = `${order} ${headers['idempotency-key']}`;
    const isNew = !readFileSync(ledger, 'utf8').includes(`${line}\n`);
    if (isNew) appendFileSync(ledger, `${line}\n`);
    // a crash between the charge and its answer
    if (isNew && usedBefore && order.startsWith('crash')) process.kill(process.pid, 'SIGKILL');
    response.on('finish', () =>
      closings.set(
        socket,
        setTimeout(() => socket.destroy(), IDLE_LIMIT_MS),
      ),
    );
    // a Connection header of its own keeps Node from telling its clients of a limit
    response.writeHead(200, { connection: 'keep-alive', 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: `ch_${order}`, object: 'charge', paid: true }));
  });
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
}
