import { count } from '../../terminal/text.js';
import { duration } from '../duration.js';
import type { CloseWay, Observation } from '../observation.js';
import { type AdviceFacts, edges, verdictOn } from './advice.js';
import type { FindingId } from './explanations.js';
import type { AddressReport, Limit } from './limit.js';
import type { Finding, Questions, Severity } from './report.js';

const WAYS: Readonly<Record<CloseWay, readonly [FindingId, Severity, string]>> = {
  fin: ['closes-by-fin', 'note', 'It closes by a FIN.'],
  reset: ['closes-by-reset', 'warn', 'It closes by a RST.'],
  '408': ['closes-by-408', 'warn', 'It sends a 408 that nobody asked for, then closes.'],
  'close-notify': ['closes-by-close-notify', 'note', 'It says goodbye in TLS (close_notify), then closes.'],
  goaway: ['closes-by-goaway', 'note', 'It closes by GOAWAY.'],
  lost: ['closes-by-loss', 'bad', 'The system gave the connections up: the path was cut.'],
};

/** Node's keepAliveTimeoutBuffer, by which it waits longer than it says. */
const NODE_BUFFER_MS = 1_000;
/** What blurs a comparison at least, in ms; and as a share. */
const BLUR = { ms: 20, share: 0.01 };

function finding(id: FindingId, severity: Severity, text: string): Finding {
  return { id, severity, text };
}

/** How the limit compares with what the server says of it. */
export function promiseFindings(limit: Limit, advertisedMs: number | undefined): Finding[] {
  if (limit.kind === 'none') return [];
  if (advertisedMs === undefined)
    return [finding('not-advertised', 'note', 'It does not advertise its limit: clients cannot know it.')];
  if (advertisedMs === 0)
    return [finding('advertises-zero', 'warn', 'It advertises 0 s: clients that go by it reuse nothing.')];
  const says = `It advertises ${duration(advertisedMs)}`;
  const blurMs = Math.max(BLUR.ms, advertisedMs * BLUR.share);
  if (limit.kind === 'beyond') {
    if (limit.moreThanMs < advertisedMs) return [];
    return [finding('longer-than-advertised', 'good', `${says} and keeps connections for longer.`)];
  }
  const seenMs = limit.kind === 'closed' ? limit.ms : limit.unansweredMs;
  if (
    limit.kind === 'silent' ? limit.unansweredMs < advertisedMs : limit.lowMs + limit.doubtMs < advertisedMs - blurMs
  ) {
    const missing = duration(advertisedMs - (edges(limit)?.lowMs ?? 0));
    return [
      finding(
        'shorter-than-advertised',
        'bad',
        `${says}, and gives up after ${duration(seenMs)}: ${missing} earlier than it promises.`,
      ),
    ];
  }
  if (limit.kind === 'closed' && limit.ms > advertisedMs + blurMs) {
    const over = Math.round((limit.ms - advertisedMs) / 10) * 10;
    const node = Math.abs(over - NODE_BUFFER_MS) < 50 + blurMs ? ', as Node does' : '';
    return [
      finding(
        'longer-than-advertised',
        'good',
        `${says} and waits ${duration(over)} longer${node}: go by the advertised.`,
      ),
    ];
  }
  return [finding('as-advertised', 'good', `${says}, and that is what it does.`)];
}

/** How connections end, and what differs among them. */
export function wayFindings(limit: Limit, addresses: readonly AddressReport[]): Finding[] {
  const found: Finding[] = [];
  if (limit.kind === 'closed') {
    const [id, severity, text] = WAYS[limit.by];
    if (limit.ms < 5)
      found.push(finding('closes-unannounced', 'bad', 'It closes right after each response, and does not say so.'));
    found.push(finding(id, severity, text));
    if (limit.together)
      found.push(
        finding('closed-together', 'warn', 'All ended at the same moment: a restart? Probe again to be sure.'),
      );
    const spreadMs = (limit.highMs - limit.lowMs) / 2;
    if (spreadMs > Math.max(BLUR.ms, limit.ms * BLUR.share))
      found.push(
        finding(
          'rough-timer',
          'note',
          `Its timer is rough: from ${duration(limit.lowMs)} to ${duration(limit.highMs)}.`,
        ),
      );
  }
  if (limit.kind === 'silent') {
    const closer = limit.unansweredMs > limit.answeredMs * 1.1 ? '; --refine 1 looks closer' : '';
    const between = `somewhere between ${duration(limit.answeredMs)} and ${duration(limit.unansweredMs)} of idle time${closer}`;
    found.push(
      limit.way === 'dropped'
        ? finding('silent-drop', 'bad', `Nobody closes, but requests are dropped in silence after ${between}.`)
        : finding('reset-on-reuse', 'bad', `Nobody closes, but requests meet a RST after ${between}.`),
    );
  }
  if (limit.kind === 'beyond')
    found.push(
      finding(
        'limit-beyond',
        'note',
        limit.used
          ? `A request after ${duration(limit.moreThanMs)} of idle time was still answered: it waits longer than the probe did.`
          : `No connection was closed within ${duration(limit.moreThanMs)}.`,
      ),
    );
  if (limit.kind === 'none')
    found.push(finding('no-keep-alive', 'note', 'It closes after each response, and says so: nothing is reused.'));
  return [...found, ...differences(addresses)];
}

function differences(addresses: readonly AddressReport[]): Finding[] {
  const found: Finding[] = [];
  const limits = addresses.flatMap(({ limit, others }) => [
    ...(limit?.kind === 'closed' ? [limit.ms] : []),
    ...others.map(({ ms }) => ms),
  ]);
  const [least, most] = [Math.min(...limits), Math.max(...limits)];
  if (limits.length > 1 && most - least > Math.max(50, least * 0.05)) {
    const among = addresses.length > 1 ? `the ${addresses.length} addresses` : 'this address';
    found.push(
      finding(
        'servers-differ',
        'bad',
        `Behind ${among} are servers with limits from ${duration(least)} to ${duration(most)}: the lowest counts.`,
      ),
    );
  }
  const outlived = addresses.filter(({ others }) => others.length === 0).reduce((sum, each) => sum + each.outlived, 0);
  if (outlived > 0) {
    const text = `${count(outlived, 'connection')} outlived the limit: another server there has a longer one. The lowest counts.`;
    found.push(finding('servers-differ', 'bad', text));
  }
  const early = addresses.flatMap(({ early: each }) => each);
  const earlyCount = early.reduce((sum, each) => sum + each.count, 0);
  const connections = addresses.reduce((sum, each) => sum + each.connections, 0);
  if (earlyCount > 0) {
    const soonest = duration(Math.min(...early.map(({ lowMs }) => lowMs)));
    found.push(
      finding(
        'closed-early',
        'warn',
        `${earlyCount} of ${connections} connections were closed earlier, the first after ${soonest}.`,
      ),
    );
  }
  const failed = addresses.filter(({ limit }) => limit).reduce((sum, each) => sum + each.failed, 0);
  const why = addresses.find(({ limit, failure }) => limit && failure)?.failure?.message;
  if (failed > 0)
    found.push(finding('connections-failed', 'warn', `${failed} of ${connections} connections failed: ${why}`));
  const lost = addresses.reduce((sum, each) => sum + each.lost, 0);
  if (lost > 0)
    found.push(
      finding('connections-lost', 'warn', `${lost} of ${connections} connections were lost: dead, and no FIN told it.`),
    );
  return found;
}

/** What is worth knowing besides. */
export function besides(
  { addresses, suspendedMs, interrupted }: Observation,
  reports: readonly AddressReport[],
  lagMs: number,
): Finding[] {
  const found: Finding[] = [];
  const greeting = addresses.find((each) => each.greeting)?.greeting;
  const { headFault, headStatus, status, location } = greeting ?? {};
  if (headFault) {
    const does = {
      refused: `answers HEAD with ${headStatus}`,
      closes: 'closes after HEAD',
      body: 'sends a body after HEAD',
    };
    found.push(finding('head-refused', 'note', `It ${does[headFault]}, so GET was sent.`));
  }
  if (status !== undefined && status >= 300) {
    const where = location === undefined ? '' : ` to ${location}`;
    found.push(
      finding('status', 'note', `It answers ${status}${where}; the connection is kept, so it can be measured.`),
    );
  }
  const first = reports.find((each) => each.first?.closed)?.first;
  if (first) {
    const by = first.by === '408' ? ' by a 408' : '';
    found.push(
      finding(
        'first-request-timer',
        'note',
        `A connection without a request is closed after ${duration(first.ms)}${by}.`,
      ),
    );
  }
  const requests = addresses.find((each) => each.requests)?.requests;
  if (requests) {
    const { served, endedBy } = requests;
    if (endedBy === 'asked')
      found.push(finding('request-limit', 'good', `A connection carries ${served} requests, and more.`));
    else if (endedBy === 'announced')
      found.push(
        finding('request-limit', 'note', `A connection carries ${served} requests; the last response says so.`),
      );
    else
      found.push(finding('request-limit', 'bad', `A connection carries ${served} requests; then it ends unannounced.`));
  }
  const http2 = addresses.find((each) => each.http2)?.http2;
  if (http2) {
    const end = http2.closed
      ? `closes after ${duration(http2.idleMs)} by ${http2.by === 'goaway' ? 'GOAWAY' : 'a FIN'}`
      : `was still open after ${duration(http2.idleMs)}`;
    const ping = http2.pingMs === undefined ? '' : `; a PING is answered in ${duration(http2.pingMs)}`;
    found.push(finding('http2', 'note', `It speaks HTTP/2: such a connection ${end}${ping}.`));
  }
  if (suspendedMs.length > 0)
    found.push(
      finding('suspended', 'note', `This machine slept ${duration(Math.max(...suspendedMs))}: measured anew.`),
    );
  if (lagMs > 20)
    found.push(
      finding('probe-was-busy', 'warn', `The probe itself ran up to ${duration(lagMs)} late: times are that inexact.`),
    );
  if (interrupted) found.push(finding('interrupted', 'note', 'Interrupted: this is what was known by then.'));
  return found;
}

/** What was asked: does the server do as expected, does the client let go in time? */
export function answers(facts: AdviceFacts, { expectMs, clientIdleMs }: Questions): Finding[] {
  const found: Finding[] = [];
  const { limit } = facts;
  const seen = edges(limit);
  if (expectMs !== undefined) {
    const blurMs = Math.max(100, expectMs * 0.02, facts.lagMs + facts.rttMs);
    if (limit.kind === 'beyond' && expectMs > limit.moreThanMs) found.push(tooShort(expectMs));
    else if (seen && expectMs >= seen.lowMs - blurMs && expectMs <= seen.highMs + blurMs)
      found.push(finding('expect-met', 'good', `The limit is as expected: ${duration(expectMs)}.`));
    else
      found.push(finding('expect-mismatch', 'bad', `Expected ${duration(expectMs)}, and found ${limitText(limit)}.`));
  }
  if (clientIdleMs !== undefined) {
    const keeps = `Your client keeps idle connections for ${duration(clientIdleMs)}`;
    const verdict = verdictOn(clientIdleMs, facts);
    if (verdict === 'unknown') found.push(tooShort(clientIdleMs));
    else if (verdict === 'meets')
      found.push(finding('client-too-long', 'bad', `${keeps}: requests will meet the close.`));
    else found.push(finding('client-in-time', 'good', `${keeps}: it lets go in time.`));
  }
  return found;
}

function tooShort(ms: number): Finding {
  const wait = `--max-wait ${Math.ceil((ms * 1.05) / 1_000)}s`;
  return finding(
    'waited-too-short',
    'warn',
    `Whether it lasts for ${duration(ms)} is not known: wait longer, with ${wait}.`,
  );
}

/** A limit in a few words. */
export function limitText(limit: Limit): string {
  switch (limit.kind) {
    case 'closed':
      return duration(limit.ms);
    case 'silent':
      return `${duration(limit.answeredMs)} to ${duration(limit.unansweredMs)}`;
    case 'beyond':
      return `more than ${duration(limit.moreThanMs)}`;
    case 'none':
      return 'no kept connections';
  }
}
