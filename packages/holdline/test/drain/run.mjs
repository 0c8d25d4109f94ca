// B ends under load, over a link with a true round trip, by each of the ways there are. Needs what the packets ring needs:
//   node packages/holdline/test/drain/run.mjs [--lanes 300] [--delays 5,40] [--rounds 4] [--tls] [--ways drain,stoppable] [--node PATH]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { install } from '../../../../scripts/ready.mjs';
import { addressB, Bench } from '../packets/bench.mjs';
import { ends } from './ends.mjs';
import { JOB, trial } from './trial.mjs';

const { values } = parseArgs({
  options: {
    lanes: { type: 'string', default: '300' },
    delays: { type: 'string', default: '5,40' },
    rounds: { type: 'string', default: '4' },
    ways: { type: 'string' },
    tls: { type: 'boolean', default: false },
    node: { type: 'string', default: process.execPath },
  },
});
const program = (name) => fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
install(fileURLToPath(new URL('.', import.meta.url)));
const dir = mkdtempSync(join(tmpdir(), 'holdline-drain-'));
const bench = new Bench(0, dir);
process.once('exit', () => {
  bench.close();
  rmSync(dir, { recursive: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const say = (...cells) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
say('each way', 'ended by', 'connections', 'requests while it ended', 'lost', 'not in the ledger', 'took at most');
say('---', '---', '---', '---', '---', '---', '---');
let lostByDrain = 0;
for (const delayMs of values.delays.split(',').map(Number)) {
  await bench.setDelay(delayMs);
  for (const way of values.ways?.split(',') ?? Object.keys(ends)) {
    const job = { ...JOB, way, host: addressB, tls: values.tls, lanes: Number(values.lanes) };
    const sum = { duringEnd: 0, lost: 0, unexecuted: 0, tookMs: 0 };
    for (let round = 0; round < Number(values.rounds); round++) {
      const got = await trial((name) => bench.start(name, values.node, [program(name)], { ipc: true }), job);
      sum.duringEnd += got.duringEnd;
      sum.lost += got.lost.length;
      sum.unexecuted += got.unexecuted;
      sum.tookMs = Math.max(sum.tookMs, got.tookMs);
    }
    if (way === 'drain') lostByDrain += sum.lost + sum.unexecuted;
    const connections = job.lanes * Number(values.rounds);
    say(
      `${delayMs} ms`,
      way,
      connections,
      sum.duringEnd,
      sum.lost,
      sum.unexecuted,
      `${(sum.tookMs / 1000).toFixed(1)} s`,
    );
  }
}
process.exit(lostByDrain === 0 ? 0 : 1);
