// What became of a cell: whether a program can tell the client on Holdline from the bare one, and if so by what.
import { isDeepStrictEqual } from 'node:util';
import { mayFail } from './cases.mjs';

/** What a hang-up is called by one client or another; two of them tell it by their message alone. */
const HANG_UP_CODES = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const HANG_UP_MESSAGE = /ECONNRESET|EPIPE|other side closed|socket hang up/;
/** What every explanation of Holdline's says, for clients that hand on the message and not the error. */
const EXPLAINED = /It was not sent again: /;

/**
 * - `same`: nothing that a program can see differs.
 * - `own context`: the same in the same order; but what the bare client tells in the async context of an earlier request
 *   on the connection, or in none, this one tells in the request's own.
 * - `cured`: the bare client hung up, this one was answered, and nothing was done twice without leave.
 * - `told`: both hung up, and this one's error says why.
 * - `differs`: anything else, with what differs.
 *
 * @param refuses - The client is known to answer this with an error of its own.
 */
export function compare(wanted, bare, other, refuses = false) {
  const broken = bare.broken ?? other.broken ?? unasked(wanted, bare, refuses);
  if (broken) return { outcome: 'differs', by: [broken] };
  const by = differences(bare, other);
  const outcome = by.length === 0 ? 'same' : changed(wanted, bare, other, by);
  return { outcome, by };
}

/** A cell in which the bare client failed by itself shows nothing. */
function unasked(wanted, { error, answer, ledger }, refuses) {
  if (!mayFail(wanted) && !refuses && (error || !answer?.status))
    return `the bare client failed: ${short(error ?? answer)}`;
  if (ledger.length === 0 && wanted.abortAt !== 'once') return `the bare client sent nothing: ${short(error)}`;
}

function changed(wanted, bare, other, by) {
  const facets = new Set(by.map((difference) => difference.split(':')[0]));
  const onlyIn = (...names) => [...facets].every((name) => names.includes(name));
  const sameButForContext = comeInTheirOwn(bare.events, other.events);
  if (onlyIn('events')) return sameButForContext ? 'own context' : 'differs';
  if (!hungUp(wanted, bare) || other.astray || executedTwice(other.ledger)) return 'differs';
  if (!other.error) return other.answer.status === 200 && isInContext(other.events) ? 'cured' : 'differs';
  const eventsHold = !facets.has('events') || sameButForContext;
  return onlyIn('error', 'events') && eventsHold && isExplained(other.error) ? 'told' : 'differs';
}

/** What was seen of a request, by what a program would look at. */
const FACETS = ['answer', 'error', 'astray', 'events', 'ledger'];

function differences(bare, other) {
  const differing = FACETS.filter((facet) => !isDeepStrictEqual(bare[facet], other[facet]));
  return differing.map((facet) => `${facet}: ${short(bare[facet])} → ${short(other[facet])}`);
}

function short(value) {
  return JSON.stringify(value) ?? 'none';
}

const FOREIGN = / \(context: [^)]*\)$/;

/** Whether the events are the same in the same order, each in the context that it had or in that of its request. */
function comeInTheirOwn(bare, other) {
  const [before, after] = [bare, other].map((events) => Object.entries(events).flat(2));
  const isAlike = (event, index) => event === after[index] || event.replace(FOREIGN, '') === after[index];
  return before.length === after.length && before.every(isAlike);
}

function isInContext(events) {
  return !Object.values(events)
    .flat()
    .some((event) => FOREIGN.test(event));
}

/** B's 408 to an idle connection is what some clients take for the answer to a request that B never saw. */
function hungUp({ closeIdle }, { error }) {
  return closeIdle === '408' || causes(error).some((each) => isHangUp(each));
}

function isHangUp({ code, message }) {
  return HANG_UP_CODES.has(code) || HANG_UP_MESSAGE.test(message);
}

function isExplained(error) {
  return causes(error).some(({ hangUp, message }) => hangUp !== undefined || EXPLAINED.test(message));
}

function causes(error) {
  return error ? [error, ...causes(error.cause)] : [];
}

/** A POST has no key here: a second execution of one is harm done. */
function executedTwice(ledger) {
  const posts = ledger.filter(({ request }) => request.startsWith('POST'));
  return posts.reduce((sum, { executions }) => sum + executions, 0) > 1;
}
