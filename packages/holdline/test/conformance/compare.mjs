// What became of a cell: whether a program can tell the client on Holdline from the bare one, and if so by what.
import { isDeepStrictEqual } from 'node:util';

/** What a hang-up is called by one client or another. */
const HANG_UP_CODES = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * - `same`: nothing that a program can see differs.
 * - `cured`: the bare client hung up, this one was answered, and nothing was done twice without leave.
 * - `told`: both hung up, and this one's error says why.
 * - `differs`: anything else, with what differs.
 */
export function compare(bare, other) {
  if (bare.broken || other.broken) return { outcome: 'differs', by: [bare.broken ?? other.broken] };
  const by = differences(bare, other);
  if (by.length === 0) return { outcome: 'same', by };
  const twice = executedTwice(other.ledger);
  if (twice) return { outcome: 'differs', by: [`executed twice: ${twice}`, ...by] };
  if (hungUp(bare)) {
    if (!other.error && other.answer?.status === 200 && !other.astray) return { outcome: 'cured', by };
    if (other.error && reasonOf(other.error)) {
      const rest = by.filter((difference) => !difference.startsWith('error'));
      if (rest.length === 0) return { outcome: 'told', by };
    }
  }
  return { outcome: 'differs', by };
}

/** What was seen of a request, by what a program would look at. */
const FACETS = {
  answer: ({ answer }) => answer,
  error: ({ error }) => error,
  astray: ({ astray }) => astray,
  events: ({ events }) => events,
  ledger: ({ ledger }) => ledger,
};

function differences(bare, other) {
  return Object.entries(FACETS)
    .filter(([, facet]) => !isDeepStrictEqual(facet(bare), facet(other)))
    .map(([name, facet]) => `${name}: ${short(facet(bare))} → ${short(facet(other))}`);
}

function short(value) {
  return JSON.stringify(value) ?? 'none';
}

function hungUp({ error, answer }) {
  for (let each = error; each; each = each.cause) if (HANG_UP_CODES.has(each.code)) return true;
  return answer?.status === 408;
}

function reasonOf(error) {
  for (let each = error; each; each = each.cause) if (each.hangUp) return each.hangUp;
}

/** A request that may not be repeated and was carried out more than once. */
function executedTwice(ledger) {
  const counts = new Map();
  for (const { request, executions: times } of ledger) counts.set(request, (counts.get(request) ?? 0) + times);
  return [...counts].find(([request, times]) => request.startsWith('POST') && times > 1)?.[0];
}
