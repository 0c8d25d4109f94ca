import type { AddressObservation, Observation } from '../observation.js';
import { type AdviceFacts, clientVerdicts, cutoffMs, dangerWindow, edges } from './advice.js';
import { answers, besides, promiseFindings, wayFindings } from './findings.js';
import { expectedHangUps, worstShare } from './hang-ups.js';
import { type AddressReport, addressReport, type Limit } from './limit.js';
import type { Finding, Outcome, Questions, Report } from './report.js';

/** Which matters most stands first. */
const ORDER = ['bad', 'warn', 'good', 'note'];
/** Findings by which the command ends with 1. */
const MISMATCHES = new Set(['expect-mismatch', 'client-too-long']);

/**
 * Turns what was observed into what it means: pure, so that every verdict can be tested in no time.
 *
 * @param questions - What to compare with; empty where nothing was asked.
 */
export function judge(observation: Observation, questions: Questions = {}): Report {
  const { url, tookMs, interrupted, lagMs } = observation;
  const addresses = observation.addresses.map(addressReport);
  const first = <K extends keyof AddressObservation>(name: K) =>
    observation.addresses.find((each) => each[name] !== undefined)?.[name];
  const greeting = first('greeting');
  const advertised = observation.addresses.flatMap((each) =>
    each.greeting?.hintMs === undefined ? [] : [each.greeting.hintMs],
  );
  const advertisedMs = advertised.length > 0 ? Math.min(...advertised) : undefined;
  const limit = lowest(addresses);
  const rttMs = Math.max(0, ...addresses.map((each) => each.rttMs));
  const base = {
    url,
    origin: new URL(url).origin,
    rttMs,
    lagMs,
    addresses,
    tookMs,
    interrupted,
    ...optional('greeting', greeting),
    ...optional('advertisedMs', advertisedMs),
    ...optional('advertisedMax', greeting?.hintMax),
    ...optional('requests', first('requests')),
    ...optional('http2', first('http2')),
    ...optional('failure', observation.failure ?? first('failure')),
  };
  const failed = failures(observation, limit !== undefined);
  const other = besides(observation, addresses, lagMs);
  if (!limit) return { ...base, outcome: 'not-measured', clients: [], findings: ordered([...failed, ...other]) };
  const facts: AdviceFacts = { limit, rttMs, lagMs, ...optional('advertisedMs', advertisedMs) };
  const asked = answers(facts, questions);
  const window = dangerWindow(facts);
  const findings = ordered([
    ...asked,
    ...failed,
    ...wayFindings(limit, addresses),
    ...promiseFindings(limit, advertisedMs),
    ...other,
  ]);
  return {
    ...base,
    limit,
    outcome: outcomeOf(findings),
    clients: clientVerdicts(facts),
    findings,
    ...optional('dangerWindow', window),
    ...optional('cutoffMs', cutoffMs(facts)),
    ...(window && { worstShare: worstShare(window) }),
    ...(window && questions.traffic && { expected: expectedHangUps(window, questions.traffic) }),
  };
}

function optional<K extends string, T>(name: K, value: T | undefined): { [key in K]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]?: T });
}

function ordered(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((one, other) => ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity));
}

function outcomeOf(findings: readonly Finding[]): Outcome {
  if (findings.some(({ id }) => MISMATCHES.has(id))) return 'mismatch';
  return findings.some(({ id }) => id === 'waited-too-short') ? 'not-measured' : 'in-order';
}

/** Why something could not be measured. An address that cannot be reached from here is no matter where others can. */
function failures({ failure, addresses }: Observation, othersAreMeasured: boolean): Finding[] {
  const all = [...(failure ? [failure] : []), ...addresses.flatMap((each) => (each.failure ? [each.failure] : []))];
  return all.map(({ code, message }) => ({ id: code, severity: othersAreMeasured ? 'warn' : 'bad', text: message }));
}

/** The limit that counts for a pool that goes to all of them. */
function lowest(addresses: readonly AddressReport[]): Limit | undefined {
  const rank = (limit: Limit) =>
    limit.kind === 'beyond' ? limit.moreThanMs + 1e9 : limit.kind === 'none' ? 1e12 : (edges(limit)?.lowMs ?? 0);
  return addresses.flatMap(({ limit }) => (limit ? [limit] : [])).sort((one, other) => rank(one) - rank(other))[0];
}
