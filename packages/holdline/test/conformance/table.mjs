// The page docs/reference/conformance.md: generated from what a run found, and what later runs are held to. It tells a
// cell's outcome for each Node that it was generated on; so it is read, changed for one Node, and written.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cases } from './cases.mjs';
import { clients, lackOf, runsOn } from './manifest.mjs';
import { page } from './page.mjs';

const path = new URL('../../../../docs/reference/conformance.md', import.meta.url);
const major = process.versions.node.split('.')[0];

const REMEDY = 'npm run conformance -- --write';

/** Outcomes as they stand in a table. */
const SIGNS = { same: '=', 'own context': 'own', cured: 'cured', told: 'told', lacks: '–' };
const OUTCOMES = Object.fromEntries(Object.entries(SIGNS).map(([outcome, sign]) => [sign, outcome]));
const MORE = ' · ';

/** Which clients stand in one table. */
const FAMILIES = {
  http: "Clients on Node's agents",
  undici: 'Undici, and clients on it',
  fetch: 'The built-in fetch, and clients on it',
};

/** Cells whose outcome on this Node is another than the page says, or bad in itself. */
export function failuresIn(results) {
  const found = read();
  const isCurrent = existsSync(path) && readFileSync(path, 'utf8') === render(found);
  const stale = isCurrent ? [] : [`the page is not what would be generated; ${REMEDY}`];
  const failures = results.flatMap(({ client, case: name, outcome, by }) => {
    const told = found.outcomes.get(client)?.[name]?.[major];
    if (outcome === 'differs' || outcome === 'missing') return [`${client} · ${name}: ${outcome}: ${by[0]}`];
    if (outcome === (told ?? 'lacks')) return [];
    return [`${client} · ${name}: ${outcome}, where the page says ${told ?? 'nothing'}; if that is right, ${REMEDY}`];
  });
  return [...stale, ...failures];
}

/** Writes the page anew, with the outcomes on this Node replaced. */
export function write(results) {
  const { nodes, outcomes } = read();
  nodes[major] = process.versions.node;
  for (const { client, case: name, outcome } of results) {
    const row = outcomes.get(client) ?? {};
    outcomes.set(client, row);
    row[name] = { ...row[name], [major]: outcome };
  }
  writeFileSync(path, render({ nodes, outcomes }));
}

function render({ nodes, outcomes }) {
  return page({ nodes, tables: tablesOf(outcomes), outcomes });
}

function tablesOf(outcomes) {
  return Object.entries(FAMILIES).map(([on, title]) => {
    const names = Object.keys(clients).filter((name) => clients[name].on === on);
    const rows = Object.keys(cases).map((name) => {
      return [name, ...names.map((client) => cellOf(client, name, outcomes.get(client)?.[name] ?? {}))];
    });
    return { title, names, rows };
  });
}

function cellOf(client, name, byNode) {
  if (lackOf(client, name)) return SIGNS.lacks;
  const groups = new Map();
  for (const [node, outcome] of Object.entries(byNode)) {
    const sign = SIGNS[outcome];
    groups.set(sign, [...(groups.get(sign) ?? []), node]);
  }
  // the outcome on most Nodes first, and without their numbers
  const sorted = [...groups].sort(([, a], [, b]) => b.length - a.length);
  return sorted.map(([sign, on], index) => (index === 0 ? sign : `${sign} (${on.join(', ')})`)).join(MORE);
}

/** What the page says: `nodes` by their major version, and for each client and case the outcome on each of them. */
function read() {
  const outcomes = new Map();
  if (!existsSync(path)) return { nodes: {}, outcomes };
  const text = readFileSync(path, 'utf8');
  const versions = text.match(/Generated on Node ([\d., ]+)\./)?.[1]?.split(', ') ?? [];
  const nodes = Object.fromEntries(versions.map((version) => [version.split('.')[0], version]));
  let header;
  for (const line of text.split('\n')) {
    if (!line.startsWith('| ')) continue;
    const [first, ...cells] = line.slice(2, -2).split(' | ');
    if (first === 'case') header = cells;
    else if (header && cases[first]) for (const [index, cell] of cells.entries()) take(header[index], first, cell);
  }
  return { nodes, outcomes };

  function take(client, name, cell) {
    if (!clients[client]) return;
    const [most, ...others] = cell.split(MORE);
    const own = Object.entries(nodes).filter(([, version]) => runsOn(client, version));
    const byNode = Object.fromEntries(own.map(([node]) => [node, OUTCOMES[most]]));
    for (const other of others) {
      const [, sign, on] = other.match(/^(.*) \((.*)\)$/);
      for (const node of on.split(', ')) byNode[node] = OUTCOMES[sign];
    }
    outcomes.set(client, { ...outcomes.get(client), [name]: byNode });
  }
}
