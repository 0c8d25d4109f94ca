import { lineWriter, readLines } from '../lines.js';
import type { FromClient, ToClient } from '../protocol.js';
import type { Adapter, Pool, RoundSettings, Wanted } from './adapter.js';
import { failureOf } from './failure.js';
import { onReplay, seen, watching } from './watch.js';

/**
 * Speaks the line protocol on stdin and stdout for an adapter, until stdin ends.
 *
 * @param versions - What it is, for the summary.
 */
export function serve(adapt: Adapter, versions: Readonly<Record<string, string>>): void {
  const tell: (message: FromClient) => void = lineWriter((lines) => process.stdout.write(lines));
  let round: RoundSettings | undefined;
  let pools = new Map<number, Pool>();

  const poolOf = (number: number): Pool => {
    if (!round) throw new Error('a request came before the first round');
    let pool = pools.get(number);
    if (!pool) pools.set(number, (pool = adapt(round)));
    return pool;
  };
  const send = async (wanted: Wanted): Promise<void> => {
    const { id } = wanted;
    try {
      const answer = await watching(id, () => poolOf(wanted.pool).send(wanted));
      const { port } = seen(id);
      tell({ type: 'answered', id, ...answer, ...(port !== undefined && { port }) });
    } catch (error) {
      const { port, began } = seen(id);
      tell({ type: 'failed', id, ...failureOf(error, began), ...(port !== undefined && { port }) });
    }
  };
  const obey = (message: ToClient): void => {
    switch (message.type) {
      case 'round':
        for (const pool of pools.values()) pool.close();
        pools = new Map();
        round = { ...message, origin: `http://${message.host}:${message.port}` };
        tell({ type: 'ready', versions });
        break;
      case 'send':
        void send(message);
        break;
      case 'stall':
        // Waits without a turn of the loop, and without using the processor that the others need.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, message.forMs);
        break;
    }
  };
  onReplay((id, reason, ok) => tell({ type: 'replayed', id, reason, ok }));
  process.on('SIGINT', () => {}); // Ctrl-C ends the lab, and the lab ends its processes
  readLines(
    process.stdin,
    (line) => obey(JSON.parse(line) as ToClient),
    () => process.exit(),
  );
}
