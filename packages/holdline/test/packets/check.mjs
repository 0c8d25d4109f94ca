// The judge: compares what A saw (its history) with what B executed (its ledger), cell by cell.
import { existsSync, readFileSync } from 'node:fs';

const linesOf = (path) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []);

/** `{ executions: id → count, effects: key → count }` */
export function readLedger(path) {
  const executions = new Map();
  const effects = new Map();
  const add = (map, key, count) => map.set(key, (map.get(key) ?? 0) + count);
  for (const line of linesOf(path)) {
    const [id, key, effect] = line.split('\t');
    add(executions, id, 1);
    if (key) add(effects, key, Number(effect));
  }
  return { executions, effects };
}

export const readHistory = (path) => linesOf(path).map((line) => JSON.parse(line));

/** What happened to the requests of one kind. */
export function figures({ kind, group: { restarts } }, history, { executions, effects }, counted) {
  const figure = {
    trials: 0,
    answered: 0,
    answered5xx: 0,
    surfaced: 0,
    silent: 0,
    lost: 0,
    twice: 0,
    effectsTwice: 0,
    surfacedExecuted: 0,
    surfacedNotExecuted: 0,
    otherErrors: 0,
    surfacedBy: {},
    byWay: {},
    examples: [],
  };
  const example = (what, line) => figure.examples.length < 5 && figure.examples.push({ what, line });
  for (const line of history) {
    const [id, itsKind, outcome, detail] = line;
    if (itsKind !== kind) continue;
    const executed = executions.get(id) ?? 0;
    const way = detail.way && (figure.byWay[detail.way] ??= { trials: 0, surfaced: 0, executed: 0, twice: 0 });
    figure.trials++;
    if (way) way.trials++;
    if (way && executed > 0) way.executed++;
    if (executed > 1) {
      figure.twice++;
      if (way) way.twice++;
      example('executed twice', line);
    }
    if ((effects.get(id) ?? 0) > 1) figure.effectsTwice++;
    if (outcome === 'silent') {
      figure.silent++;
      example('silent', line);
    } else if (outcome === 'surfaced') {
      figure.surfaced++;
      if (way) way.surfaced++;
      if (executed > 0) figure.surfacedExecuted++;
      else figure.surfacedNotExecuted++;
      const reason = detail.partial ? 'response-started' : (detail.reason ?? detail.code);
      figure.surfacedBy[reason] = (figure.surfacedBy[reason] ?? 0) + 1;
      // where B restarts, a first connection may find nobody: it says so, and nothing was sent
      const refused = detail.code === 'ECONNREFUSED' && restarts && executed === 0;
      if (!['ECONNRESET', 'EPIPE'].includes(detail.code) && !refused) {
        figure.otherErrors++;
        example('an error that is no hang-up', line);
      }
    } else if (detail.status >= 500) {
      figure.answered5xx++;
    } else {
      figure.answered++;
      if (executed === 0) {
        figure.lost++;
        example('lost', line);
      }
    }
  }
  return { ...figure, ...counted };
}

/** The problems of one cell; none means that it passed. */
export function problemsOf(cell, figure, report, want) {
  const { group, kind } = cell;
  const problems = [];
  const must = (holds, problem) => holds || problems.push(problem);
  const reached = group.countBy === 'crossings' ? figure.hangUps : figure.trials;
  must(reached >= want, `${reached} of ${want} ${group.countBy}: the cell did not reach its count`);
  must(report.faults.count === 0, `${report.faults.count} internal faults: ${report.faults.first[0]}`);
  must(
    group.restarts || report.primesFailed <= Math.max(5, figure.trials * 0.1),
    `${report.primesFailed} priming requests failed: the bench was saturated, so the cell shows nothing`,
  );
  must(figure.lost === 0, `${figure.lost} lost: answered, yet not in the ledger`);
  must(figure.silent === 0, `${figure.silent} silent: neither an answer nor an error`);
  must(figure.otherErrors === 0, `${figure.otherErrors} errors that are no hang-up`);
  if (group.ring === 'control') {
    if (group.agent === 'blind')
      must(figure.twice > want / 2, `a blind retry executed only ${figure.twice} of ${want} twice`);
    return problems;
  }
  must(kind !== 'post' || figure.twice === 0, `${figure.twice} executed twice`);
  must(figure.effectsTwice === 0, `${figure.effectsTwice} keys had more than one effect`);
  must(
    figure.unattributed === 0,
    `${figure.unattributed} hang-up events were told outside of their request's async context`,
  );
  must(
    figure.outOfContext === 0,
    `${figure.outOfContext} answers or errors came outside of their request's async context`,
  );
  (group.ring === 'crossing' ? crossingProblems : diesProblems)(cell, figure, must);
  return problems;
}

function crossingProblems({ group, kind }, figure, must) {
  if (kind !== 'post') {
    must(figure.surfaced === 0, `${figure.surfaced} surfaced, and each could have been sent again`);
  } else if (group.mostSurfaced === 'all') {
    const { 'no-evidence': unproven = 0 } = figure.reasons;
    must(
      figure.surfaced === figure.hangUps && unproven === figure.hangUps,
      `${figure.surfaced} of ${figure.hangUps} surfaced, ${unproven} for want of evidence: expected all`,
    );
  } else {
    must(
      !exceeds(figure.surfaced, figure.hangUps, group.mostSurfaced.guard),
      `${surfacedShare(figure)}: at most ${group.mostSurfaced.guard * 100} %`,
    );
  }
  must(
    figure.surfacedExecuted === 0,
    `${figure.surfacedExecuted} surfaced although B only closed idle connections, and executed them`,
  );
}

function diesProblems({ group }, figure, must) {
  const expected = figure.trials - figure.answered5xx;
  const { 'already-replayed': second = 0 } = figure.reasons;
  const sought =
    figure.hangUps - second - (figure.evidence.unsought ?? 0) + Math.min(second, figure.evidence.unsought ?? 0);
  must(
    figure.surfaced === expected,
    `${figure.surfaced} of ${expected} surfaced: expected every one that B had executed`,
  );
  must(
    figure.hangUps >= expected * (group.restarts ? 0.3 : 0.8),
    `only ${figure.hangUps} hang-ups on reused connections in ${expected} requests`,
  );
  must(
    figure.surfacedExecuted >= expected * (group.restarts ? 0.2 : 0.8),
    `B executed only ${figure.surfacedExecuted} of ${expected}`,
  );
  must(
    group.unix || sought >= (figure.hangUps - second) * 0.95,
    `evidence was sought for only ${sought} of ${figure.hangUps - second} hang-ups`,
  );
}

/** What is told of a cell that passed. */
export function notesOn({ group, kind }, figure) {
  const goal = kind === 'post' && group.ring === 'crossing' && group.mostSurfaced.goal;
  if (!goal || !exceeds(figure.surfaced, figure.hangUps, goal)) return [];
  return [`${surfacedShare(figure)}: the goal is ${goal * 100} %`];
}

function surfacedShare({ surfaced, hangUps, trials }) {
  const percent = (of) => ((surfaced / Math.max(1, of)) * 100).toFixed(1);
  return `${surfaced} of ${hangUps} crossings surfaced (${percent(hangUps)} %; of all requests ${percent(trials)} %)`;
}

/** Strict where the count is large; a small sample fails only where a true share within the limit would not explain it. */
function exceeds(surfaced, crossings, most) {
  if (crossings >= 1000) return surfaced > crossings * most;
  let below = 0;
  let term = (1 - most) ** crossings;
  for (let k = 0; k < surfaced; k++) {
    below += term;
    term *= ((crossings - k) / (k + 1)) * (most / (1 - most));
  }
  return 1 - below < 0.001;
}
