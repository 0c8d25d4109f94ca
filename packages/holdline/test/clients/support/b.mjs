// B's supervisor: it holds the ports and never handles a request, so that a worker can be replaced without a refused
// connection, as under systemd, pm2 or Kubernetes.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

cluster.setupPrimary({ exec: fileURLToPath(new URL('b-worker.mjs', import.meta.url)), args: process.argv.slice(2) });

let worker;

async function replace() {
  const old = worker;
  worker = cluster.fork();
  const [ports] = await once(worker, 'message');
  if (old) {
    const gone = once(old, 'exit');
    old.send('take no more');
    await once(old, 'message');
    // behind every connection that was handed to it: one that it is killed before would stay open, and nobody would read it
    old.send('die');
    await gone;
  }
  process.send({ ports, killed: old?.process.pid });
}

process.on('message', replace);
process.on('disconnect', () => {
  worker?.process.kill('SIGKILL');
  process.exit();
});
await replace();
