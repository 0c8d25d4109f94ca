// The text around the tables of docs/reference/conformance.md.
import { clients, lackOf } from './manifest.mjs';

/** @param found - `nodes`, `tables`, and the `outcomes` of each client's cases on each Node. */
export function page({ nodes, tables, outcomes }) {
  const versions = Object.values(nodes).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return `# Conformance

What a program can tell a client on Holdline from the bare one by. Each client sends the same requests three times to a
server with a fault for each case: bare; on Holdline; and bare, in a process that was started with
\`--import holdline/register\`. What can be seen is compared: the status, the headers, every byte of the body, trailers,
informational answers, errors with their classes, codes, messages and causes, the order of events, the async context
(\`AsyncLocalStorage\`) in which each of them comes, errors that no request tells of, and, from the server's ledger, how many
requests came over which connections, with which headers and bodies, and how often each was carried out. The second and
the third come out the same in every cell.

Generated on Node ${versions.join(', ')}.
\`npm test -- --ring conformance\` checks it, \`npm run conformance -- --write --nodes 20,22,24,26\` generates it anew.
Clients of Node's agents stand on \`Agent\` and \`HttpsAgent\`, \`undici.request\` and what is built on \`fetch\` on
\`dispatcher()\`, undici's \`stream\` and \`pipeline\` and Elasticsearch's transport on \`connector()\`, all without options. In
the rows of undici 7 and 8 (Node 22.19 and later), *upgrade* and *CONNECT* are \`undici.upgrade\` and \`undici.connect\`. The
clients' own retries are turned off, in both; stripe-node repeats a hang-up once nevertheless.

| sign | the client on Holdline, beside the bare one |
|---|---|
| = | is the same, byte for byte and event for event |
| cured | was answered where the bare one hung up, and nothing was done twice without leave |
| told | hung up as the bare one did, for the server may have got the request, and its error says why |
| own | is the same, but tells in this request's async context what the bare one tells in that of an earlier request on the connection |
| – | is not asked for what it has no notion of; the reasons stand below each table |

An outcome on some Nodes only has their numbers beside it. A connection that the server closes while it is idle is closed in
two ways: so that the client's event loop has heard of it when the next request comes, and so that it has not (*unheard*).
*In flight*: the server carries the request out and then ends the connection in place of an answer, on one that has served
before; *fresh*: on a new one. POSTs have no idempotency key, so that one which may have been carried out is not repeated.

${countsOf(outcomes)}

${tables.map(table).join('\n\n')}
`;
}

function countsOf(outcomes) {
  const counts = {};
  for (const byCase of outcomes.values()) {
    for (const byNode of Object.values(byCase)) {
      for (const outcome of Object.values(byNode)) counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
  }
  const { same = 0, cured = 0, told = 0, 'own context': own = 0 } = counts;
  const total = same + cured + told + own;
  return `Of ${total} cells, a client, a case and a Node each, ${same} are the same, ${cured} are cured, ${told} are told, and
${own} come in their own context.`;
}

function table({ title, names, rows }) {
  const lines = [['case', ...names], names.map(() => '---').concat('---'), ...rows];
  const why = [...reasonsAmong(names, rows)].map(([text, of]) => `- ${text}: ${of.join(', ')}.`);
  const refused = names.filter((name) => clients[name].refuses);
  const own = refused.map(
    (name) => `- ${name} ends these with an error of its own, bare and on Holdline: ${listOf(clients[name].refuses)}.`,
  );
  return [`## ${title}`, '', ...lines.map((line) => `| ${line.join(' | ')} |`), '', ...why, ...own].join('\n');
}

/** Why there are cells that are not asked for, with the clients that a reason holds for. */
function reasonsAmong(names, rows) {
  const reasons = new Map();
  for (const client of names) {
    const own = new Map();
    for (const [name] of rows) {
      const lack = lackOf(client, name);
      if (lack) own.set(lack, [...(own.get(lack) ?? []), name]);
    }
    for (const [lack, cases] of own) {
      const text = `${listOf(cases)}: ${lack}`;
      reasons.set(text, [...(reasons.get(text) ?? []), client]);
    }
  }
  return reasons;
}

function listOf(cases) {
  return cases.map((name) => `*${name}*`).join(', ');
}
