// One trial: A uses B, B ends, and the ledger of B is compared with what A saw.
import { once } from 'node:events';

const WITHIN_MS = 60_000;

/** What the parts promise each other: A lets go before B does. */
export const JOB = {
  clientIdleMs: 1_800,
  warmUpMs: 2_000,
  hardening: { keepAliveTimeoutMs: 3_000, clientIdleMs: 1_800, lingerMs: 1_000 },
  draining: { noticeMs: 0, longestRequestMs: 500 },
};

/** What a drain takes at most, by what the guide says: notice, longest request, idle limit (with its buffer), linger. */
export const BOUND_MS = 0 + 500 + 4_000 + 1_000;

/**
 * @param start - Starts `a.mjs` or `b.mjs`, with an IPC channel.
 * @returns `{ requests, duringEnd, lost, lagMs, unexecuted, tookMs, report }`: `lost` of connections that were open, `unexecuted`
 * answered but not in the ledger, `lagMs` by how much A's event loop was late at most.
 */
export async function trial(start, job) {
  const b = start('b');
  b.send(job);
  const [{ port }] = await said(b);
  const a = start('a');
  a.send({ ...job, port });
  const [{ warm }] = await said(a);
  const ended = said(b);
  const judged = said(a);
  b.send('end');
  const [[{ report, executed, tookMs }], [{ answered, lost, lagMs }]] = await Promise.all([ended, judged]);
  const ledger = new Set(executed);
  return {
    requests: answered.length + lost.length,
    duringEnd: answered.length + lost.length - warm,
    lost,
    lagMs: Math.round(lagMs),
    unexecuted: answered.filter((id) => !ledger.has(id)).length,
    tookMs: Math.round(tookMs),
    report,
  };
}

/** Its next message; an error if none comes. */
function said(child) {
  return once(child, 'message', { signal: AbortSignal.timeout(WITHIN_MS) });
}
