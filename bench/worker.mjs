// The process of one arm. It does nothing until it is its turn, then runs one block and tells what it measured.
import { clientsOf } from './clients.mjs';
import { hotLoops } from './hot.mjs';
import { idleHeap } from './idle-heap.mjs';
import { pacedTraffic } from './paced.mjs';
import { heapOfServer, hotServer } from './serving.mjs';
import { staleGet } from './stale-get.mjs';

const workloads = { hot: hotLoops, paced: pacedTraffic, heap: idleHeap, stale: staleGet };
const servers = { hot: hotServer, heap: heapOfServer };

let runBlock;
process.on('message', async ({ target, block }) => {
  runBlock ??= target.serves ? servers[target.kind](target) : workloads[target.kind](target, await clientsOf(target));
  process.send(await runBlock(block));
});
process.on('disconnect', () => process.exit());
