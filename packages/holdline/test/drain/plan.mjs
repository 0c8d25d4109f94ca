// What is measured of the ends of a server, and about how long it takes.
import { findNodes } from '../../../../scripts/test/nodes.mjs';
import { ends } from './ends.mjs';

/** The delays are each way, so round trips of 10 and 80 ms. */
const DELAYS_MS = [5, 40];
const NODES = ['20', '22', '24', '26'];
const PROXIES = ['haproxy', 'nginx'];
const OTHERS = Object.keys(ends).filter((way) => way !== 'drain');

/**
 * - `reduced`: what `npm test` has time for; only `drain()`, and it must lose nothing.
 * - `full`: the same on each Node.
 * - `whole`: beside the other ways, for the page.
 *
 * @param nodes - Major versions, where it is not to be all of them.
 * @returns `{ link, rolling, missing }`: cells, and the Nodes that are not at hand.
 */
export function planOf(size, { nodes, restarts } = {}) {
  const own = process.versions.node.split('.')[0];
  const found = findNodes(nodes ?? (size === 'reduced' ? [own] : NODES));
  const each = (ways, counts, delays = DELAYS_MS) =>
    ways.flatMap((way) =>
      found
        .filter(({ path }) => path)
        .flatMap((node) =>
          delays.flatMap((delayMs) => [false, true].map((tls) => ({ way, node, delayMs, tls, ...counts }))),
        ),
    );
  const rolls = (ways, count, perSecond = 500) =>
    ways.flatMap((way) => PROXIES.map((proxy) => ({ proxy, way, restarts: restarts ?? count, perSecond })));
  const plans = {
    reduced: () => ({ link: each(['drain'], { lanes: 100, rounds: 1 }, [5]), rolling: rolls(['drain'], 4, 200) }),
    full: () => ({ link: each(['drain'], { lanes: 300, rounds: 1 }), rolling: rolls(['drain'], 40) }),
    whole: () => ({
      link: [...each(['drain'], { lanes: 300, rounds: 4 }), ...each(OTHERS, { lanes: 300, rounds: 1 })],
      rolling: rolls(['drain', 'http-terminator', 'stoppable', 'close()'], 200),
    }),
  };
  return { ...plans[size](), missing: found.filter(({ path }) => !path) };
}

/** As measured; of each, two run at a time. */
const SECONDS = { link: { drain: 7, other: 5 }, restart: { drain: 1.9, other: 1.1 } };

/** About how long a plan takes, in seconds. */
export function estimateOf({ link, rolling }) {
  const of = (kind, way) => SECONDS[kind][way === 'drain' ? 'drain' : 'other'];
  const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);
  const linkSeconds = sum(link.map(({ way, rounds }) => of('link', way) * rounds)) / 2;
  const rollingSeconds = sum(rolling.map(({ way, restarts }) => of('restart', way) * restarts + 3)) / 2;
  return { linkSeconds, rollingSeconds };
}
