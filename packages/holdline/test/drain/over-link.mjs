// B ends under load, over a link with a true round trip, by each of the ways there are.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addressB, Bench, sweep } from '../packets/bench.mjs';
import { JOB, trial } from './trial.mjs';

/** Two at a time: more would measure the machine. */
const BENCHES = 2;
const program = (name) => fileURLToPath(new URL(`${name}.mjs`, import.meta.url));

/**
 * @param cells - `{ way, tls, delayMs, node, lanes, rounds }[]`; `node` is `{ name, path }`, the delay is each way.
 * @param tell - Is told how far it is.
 * @returns The cells, each with `connections`, the requests while it ended (`duringEnd`), those of them that were `lost` (`lostBy`), the
 * answers that are not in the ledger (`unexecuted`), and `tookMs` at most.
 */
export async function overLink(cells, dir, tell = () => {}) {
  sweep();
  const waiting = [...cells];
  const found = [];
  const benches = Array.from(
    { length: Math.min(BENCHES, cells.length) },
    (_, i) => new Bench(i, join(dir, `link-${i}`)),
  );
  const close = () => benches.forEach((bench) => bench.close());
  process.once('exit', close);
  try {
    await Promise.all(
      benches.map(async (bench) => {
        for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
          tell(`link ${found.length + 1} of ${cells.length}`);
          found.push(await measure(bench, cell));
        }
      }),
    );
  } finally {
    close();
    process.off('exit', close);
  }
  return cells
    .map((cell) => found.find((each) => each.cell === cell))
    .map(({ cell, ...sums }) => ({ ...cell, ...sums }));
}

async function measure(bench, cell) {
  const { way, tls, delayMs, node, lanes, rounds } = cell;
  const job = { ...JOB, way, host: addressB, tls, lanes };
  const sums = { connections: lanes * rounds, duringEnd: 0, lost: 0, unexecuted: 0, tookMs: 0, lagMs: 0, lostBy: [] };
  await bench.setDelay(delayMs);
  for (let round = 0; round < rounds; round++) {
    const got = await trial((name) => bench.start(name, node.path, [program(name)], { ipc: true }), job);
    sums.duringEnd += got.duringEnd;
    sums.lost += got.lost.length;
    sums.lostBy.push(...got.lost.map(({ code, reused }) => `${code} on a ${reused ? 'used' : 'new'} connection`));
    sums.unexecuted += got.unexecuted;
    sums.lagMs = Math.max(sums.lagMs, got.lagMs);
    sums.tookMs = Math.max(sums.tookMs, got.tookMs);
  }
  return { cell, ...sums };
}
