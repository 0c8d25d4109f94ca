import type { Snippet } from '../../knowledge/client.js';
import { clientOf, clients } from '../../knowledge/clients.js';
import { code } from '../../terminal/text.js';
import { duration } from '../duration.js';
import { type ClientVerdict, edges } from '../judge/advice.js';
import type { Report, Severity } from '../judge/report.js';

/** The client that a snippet is given for where none is named: it is under most of Node's others. */
const DEFAULT_CLIENT = 'node-agent';

/** The danger window in words; undefined where there is none. */
export function windowText({ dangerWindow, rttMs }: Report): string | undefined {
  if (!dangerWindow) return undefined;
  const { fromMs, toMs } = dangerWindow;
  const trip = `round trip ${duration(rttMs)}`;
  if (toMs === null) return `a request after more than ${exact(fromMs)} of idle time is lost (${trip})`;
  return `a request after ${exact(fromMs)} to ${exact(toMs)} of idle time meets the close (${trip})`;
}

/** To the millisecond, for a window is often no wider. */
function exact(ms: number): string {
  return ms >= 1_000 ? `${(ms / 1_000).toFixed(3)} s` : `${Math.round(ms)} ms`;
}

/** Clients that fare alike. */
export interface ClientGroup {
  readonly severity: Severity;
  readonly title: string;
  /** Their names, each with how long it keeps an idle connection to this server. */
  readonly clients: string;
}

/** Sorts the clients by how they fare; empty where nothing is reused. */
export function clientGroups({ clients: verdicts, limit }: Report): readonly ClientGroup[] {
  if (limit?.kind === 'none') return [];
  const group = (severity: Severity, title: string, of: (client: ClientVerdict) => boolean): ClientGroup[] => {
    const members = verdicts.filter(of);
    return members.length === 0 ? [] : [{ severity, title, clients: members.map(named).join(' · ') }];
  };
  const meets =
    (...retries: readonly ClientVerdict['retries'][]) =>
    (client: ClientVerdict) =>
      client.verdict === 'meets' && retries.includes(client.retries);
  return [
    ...group('bad', 'Hang up now and then', meets('nothing', 'unsent')),
    ...group('warn', 'Send GETs again, and hang up on POSTs', meets('idempotent')),
    ...group('warn', 'Send everything again, also a POST that was executed', meets('everything')),
    ...group('good', 'Let go in time', ({ verdict }) => verdict === 'in-time'),
    ...group('note', 'Not known', ({ verdict }) => verdict === 'unknown'),
  ];
}

function named({ name, keepsMs }: ClientVerdict): string {
  const unbroken = name.replace(/new .*/, code);
  return `${unbroken} ${code(`(${keepsMs === 0 ? 'no reuse' : keepsMs === null ? 'never' : duration(keepsMs)})`)}`;
}

/** How often it happens, and when most. */
export function hangUpText({ worstShare, expected, limit }: Report): string[] {
  if (!limit || worstShare === undefined) return [];
  const found = edges(limit);
  const every = duration(found?.lowMs ?? 0);
  if (limit.kind === 'silent')
    return [`Every request after a longer pause is lost, and its client waits until its own timeout.`];
  const texts = [
    `By chance, a client that never lets go meets the close with up to ${rate(worstShare)} of its requests; one that calls every ${every} (a poll, a health check, a cron job) with nearly every one.`,
  ];
  if (expected) {
    const { perSecond, connections, perDay } = expected;
    const days =
      perDay >= 1
        ? `${Math.round(perDay)} a day`
        : perDay > 1e-3
          ? `one in ${Math.round(1 / perDay)} days`
          : 'next to none';
    texts.push(
      `At ${perSecond} requests/s over ${connections} connections: about ${days}; with the setting below, none.`,
    );
  }
  return texts;
}

function rate(share: number): string {
  const perMillion = share * 1e6;
  if (perMillion < 1) return 'one in a million';
  return perMillion < 1_000 ? `${Math.round(perMillion)} in a million` : `${Number((share * 100).toPrecision(2))} %`;
}

/** What to paste for a client: Holdline first where it can be used, but never only. */
export function snippetsFor(
  { cutoffMs, limit, origin, advertisedMs }: Report,
  client = DEFAULT_CLIENT,
): { readonly note?: string; readonly snippets: readonly Snippet[] } {
  const known = clientOf(client);
  if (!known || cutoffMs === undefined || !limit) return { snippets: [] };
  const seenMs = limit.kind === 'beyond' ? limit.moreThanMs : (edges(limit)?.lowMs ?? cutoffMs);
  // What the server promises holds after its next upgrade, too.
  const limitMs = Math.floor(Math.min(seenMs, advertisedMs || seenMs));
  const snippets = known.snippets({ cutoffMs, limitMs, origin });
  const note =
    known.note ?? (snippets.length === 0 ? 'it has nothing to set, so the server must wait longer.' : undefined);
  return { snippets, ...(note !== undefined && { note: `${known.name}: ${note}` }) };
}

/** The names that `--client` takes. */
export const clientIds: readonly string[] = clients.map(({ id }) => id);
