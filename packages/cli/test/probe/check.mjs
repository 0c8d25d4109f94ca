// Judges the runs of a cell by the packets.
import { closeOf } from './truth.mjs';

/** What the measured limit may be wrong by, besides a round trip, in ms. */
const TOLERANCE_MS = 10;
/** How long a probe may take, as a multiple of the limit. */
const WALL = 1.05;

/** `{ id, ok, problems, right, worstMs, truthMs, saysMs, foundMs, walls }` */
export function judgeCell(cell, runsFound, packets, roundTripMs) {
  const judged = runsFound.map((run) => judgeRun(cell, run, packets, roundTripMs));
  const problems = judged.flatMap(({ problems: each }, index) => each.map((text) => `run ${index + 1}: ${text}`));
  const right = judged.filter((run) => run.problems.length === 0);
  const of = (name) => judged.map((run) => run[name]).filter((value) => value !== undefined);
  return {
    id: cell.id,
    ok: problems.length === 0,
    problems,
    runs: judged.length,
    right: right.length,
    worstMs: Math.max(...of('errorMs')),
    blurMs: Math.max(...of('blurMs')),
    foundMs: of('foundMs'),
    saysMs: runsFound[0]?.report.advertisedMs,
    wall: Math.max(...of('wall')),
  };
}

function judgeRun(cell, { report, observation }, packets, roundTripMs) {
  const { limit, addresses } = report;
  const problems = [];
  const truths = observation.addresses.flatMap(({ samples }) =>
    samples.flatMap((sample) => {
      if (sample.ending.kind !== 'closed') return [];
      const of = (side) => closeOf(packets[side].get(`${sample.localPort}:${cell.port}`) ?? [], cell.tls);
      const [truth, came] = [of('left'), of('came')];
      return truth && came ? [{ sample, ...truth, unevenMs: Math.abs(came.idleMs - truth.idleMs) }] : [];
    }),
  );
  const [foundMs, by, truth] = cell.first
    ? firstOf(addresses[0], truths)
    : cell.link
      ? natOf(limit, cell, observation, packets.natIdles)
      : closedOf(limit, truths);
  if (foundMs === undefined)
    return { problems: [`found ${JSON.stringify(limit ?? report.failure)}, for ${endings(observation)}`] };
  if (truth === undefined) return { problems: ['the packets show no close'], foundMs };
  const errorMs = Math.abs(foundMs - truth.idleMs);
  // Nothing on a quiet machine: what the probe itself tells of its delay, and how unevenly the link carried the packets.
  const blurMs = (limit?.doubtMs ?? report.lagMs) + (truth.unevenMs ?? 0);
  const allowedMs = TOLERANCE_MS + roundTripMs + blurMs;
  if (errorMs > allowedMs) problems.push(`found ${foundMs.toFixed(1)} ms, and it was ${truth.idleMs.toFixed(1)} ms`);
  if (by !== cell.closes) problems.push(`closed by ${cell.closes}, and told ${by}`);
  if (truth.by !== undefined && truth.by !== cell.closes)
    problems.push(`the packets say ${truth.by}, not ${cell.closes}`);
  if (cell.differ && !report.findings.some(({ id }) => id === 'servers-differ'))
    problems.push('two servers, and it was not told');
  if (cell.carries !== undefined && report.requests?.served !== cell.carries)
    problems.push(`a connection carries ${cell.carries} requests, and ${report.requests?.served} were told`);
  const longestMs = Math.max(...truths.map(({ idleMs }) => idleMs));
  const wall = cell.link ? undefined : observation.tookMs / longestMs;
  // How long it takes to open the connections is the machine's and the network's affair; a short limit is too fine a measure.
  const openingMs = Math.max(0, ...truths.map(({ sample }) => sample.endedAtMs - sample.ending.idleMs));
  if (wall !== undefined && longestMs >= 5_000 && observation.tookMs - openingMs > WALL * longestMs + report.lagMs)
    problems.push(`took ${wall.toFixed(2)} of the limit`);
  return { problems, foundMs, errorMs, blurMs, wall };
}

/** What each connection showed, for whom the limit that was drawn from it is a riddle. */
function endings({ addresses, tookMs, lagMs, suspendedMs }) {
  const each = addresses.flatMap(({ samples }) =>
    samples.map(({ role, ending, endedAtMs, doubtMs }) => JSON.stringify({ role, ...ending, endedAtMs, doubtMs })),
  );
  return [
    `${Math.round(tookMs)} ms, late by ${lagMs} ms, suspended ${suspendedMs.join(', ') || 'never'}:`,
    ...each,
  ].join('\n        ');
}

function closedOf(limit, truths) {
  if (limit?.kind !== 'closed') return [];
  // The middle one or two, whose idle times the limit was drawn from: a server that sweeps gives each another.
  const held = truths.filter(({ sample }) => sample.role !== 'unused');
  const from = held
    .filter(({ sample }) => sample.ending.idleMs <= limit.ms)
    .sort(byIdle)
    .at(-1);
  const to = held
    .filter(({ sample }) => sample.ending.idleMs >= limit.ms)
    .sort(byIdle)
    .at(0);
  if (!from || !to) return [limit.ms, limit.by];
  const unevenMs = Math.max(from.unevenMs, to.unevenMs);
  return [limit.ms, limit.by, { ...from, idleMs: (from.idleMs + to.idleMs) / 2, unevenMs }];
}

function byIdle(one, other) {
  return one.sample.ending.idleMs - other.sample.ending.idleMs;
}

function firstOf(address, truths) {
  const { first } = address ?? {};
  if (!first?.closed) return [];
  return [first.ms, first.by, truths.find(({ sample }) => sample.role === 'unused')];
}

/** What a NAT forgets no packet tells: the truth is what it was set to. */
function natOf(limit, cell, { addresses }, natIdles) {
  if (limit?.kind !== 'silent') return [];
  const uneven = addresses.flatMap(({ samples }) =>
    samples.flatMap(({ localPort, ending }) => {
      const atEdge = ending.idleMs === limit.answeredMs || ending.idleMs === limit.unansweredMs;
      const natIdleMs = natIdles.get(`${localPort}:${cell.port}`);
      return atEdge && natIdleMs !== undefined ? [Math.abs(natIdleMs - ending.idleMs)] : [];
    }),
  );
  const truth = { idleMs: cell.configuredMs, unevenMs: Math.max(0, ...uneven) };
  return [(limit.answeredMs + limit.unansweredMs) / 2, limit.way, truth];
}
