import { bar } from '../../terminal/live.js';
import { duration } from '../duration.js';
import type { ProbeEvent } from '../events.js';
import type { Sample } from '../observation.js';

/** What the live screen knows of one address. */
interface LiveAddress {
  readonly name: string;
  readonly held: ReadonlySet<number>;
  readonly heldSinceMs?: number;
  /** What came, newest last. */
  readonly came: readonly string[];
  readonly expectedMs?: number;
  readonly done?: string;
}

/** What the live screen shows. */
export interface LiveState {
  readonly addresses: ReadonlyMap<string, LiveAddress>;
  readonly maxWaitMs: number;
}

/** Before anything has happened. */
export function initialState(urls: readonly string[], maxWaitMs: number): LiveState {
  return { maxWaitMs, addresses: new Map(urls.map((url) => [url, fresh(url)])) };
}

function fresh(name: string): LiveAddress {
  return { name, held: new Set(), came: [] };
}

/** How an event changes the live screen. */
export function nextState(state: LiveState, event: ProbeEvent, nowMs: number): LiveState {
  if (event.type === 'suspended') {
    const restarted = [...state.addresses].map(
      ([key, { name, done }]) =>
        [key, { ...fresh(name), came: ['slept: anew'], ...(done !== undefined && { done }) }] as const,
    );
    return { ...state, addresses: new Map(restarted) };
  }
  const addresses = new Map(state.addresses);
  const { url } = event;
  const key = 'address' in event && event.address !== undefined ? `${url} ${event.address}` : url;
  const host = url.replace(/^https?:\/\//, '').replace(/\/$/, '');
  const update = (change: Partial<LiveAddress>) =>
    addresses.set(key, { ...(addresses.get(key) ?? fresh(host)), ...change });
  const known = addresses.get(key) ?? fresh(host);
  switch (event.type) {
    case 'resolved':
      addresses.delete(url);
      for (const address of event.addresses)
        addresses.set(
          `${url} ${address}`,
          fresh(event.addresses.length > 1 || !host.includes(address) ? `${host} ${address}` : host),
        );
      break;
    case 'greeted':
      update({ ...(event.greeting.hintMs !== undefined && { expectedMs: event.greeting.hintMs }) });
      break;
    case 'held':
      update({ held: new Set([...known.held, event.id]), heldSinceMs: known.heldSinceMs ?? nowMs });
      break;
    case 'settled': {
      const held = new Set(known.held);
      held.delete(event.sample.id);
      update({ held, came: [...known.came, cameText(event.sample)] });
      break;
    }
    case 'refining':
      update({
        held: new Set(),
        heldSinceMs: nowMs,
        came: [`closer: ${duration(event.fromMs)} to ${duration(event.toMs)}`],
      });
      break;
    case 'failed':
      update({ done: event.failure.message });
      break;
    case 'measured':
      for (const [each, one] of addresses)
        if (each === url || each.startsWith(`${url} `)) addresses.set(each, { done: 'done', ...one });
      break;
  }
  return { ...state, addresses };
}

function cameText({ ending }: Sample): string {
  switch (ending.kind) {
    case 'closed':
      return `${ending.by === 'fin' ? 'FIN' : ending.by} after ${duration(ending.idleMs)}`;
    case 'answered':
      return `answered after ${duration(ending.idleMs)}`;
    case 'hung-up':
      return `hung up after ${duration(ending.idleMs)}`;
    case 'unanswered':
      return `no answer after ${duration(ending.idleMs)}`;
    default:
      return ending.kind;
  }
}

/** The live screen: a line for each address, never wider or higher than the terminal. */
export function liveText(state: LiveState, nowMs: number, columns: number, rows: number): string[] {
  const lines = [...state.addresses.values()].map((one) =>
    addressLine(one, state.maxWaitMs, nowMs, columns).slice(0, columns - 1),
  );
  const room = Math.max(1, rows - 2);
  return lines.length <= room
    ? lines
    : [...lines.slice(0, room - 1), `  … and ${lines.length - room + 1} more`.slice(0, columns - 1)];
}

function addressLine(
  { name, held, heldSinceMs, came, expectedMs, done }: LiveAddress,
  maxWaitMs: number,
  nowMs: number,
  columns: number,
): string {
  const label = name.length > 34 ? `${name.slice(0, 33)}…` : name;
  if (done !== undefined) return `  ${label}  ${done}`;
  if (heldSinceMs === undefined) return `  ${label}  connecting`;
  const heldMs = nowMs - heldSinceMs;
  const share = heldMs / (expectedMs !== undefined && heldMs < expectedMs ? expectedMs : maxWaitMs);
  const latest = came.at(-1);
  const all = `${held.size} held ${(heldMs / 1_000).toFixed(1)} s${latest === undefined ? '' : ` · ${latest}`}`;
  // In a narrow window what came matters more.
  return columns < 72 ? `  ${label}  ${all}` : `  ${label}  ${bar(share, 8)} ${all}`;
}
