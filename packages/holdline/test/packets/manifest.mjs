// What must be shown, as data. A group is one run of A and B; it fills one cell for each kind of request.
// A cell that is listed here and was neither run nor skipped for a need of the machine fails.

const tlsOf = { tcp: false, tls: true };
const bodies = { '1B': 1, '3KB': 3_000, '60KB': 60_000 };
const roundTrips = [40, 1];
/**
 * What may surface of the unkeyed POSTs that met B's FIN, by round trip in ms. The guard fails the cell; what is over the
 * goal is told. The guard leaves room for machines that stall.
 */
const mostSurfaced = { 40: { goal: 0.02, guard: 0.12 }, 1: { goal: 0.05, guard: 0.15 } };

function crossing(server, transport, rttMs) {
  return {
    id: `crossing/${server}/${transport}/${rttMs}ms`,
    ring: 'crossing',
    server,
    needs: ['node', 'hardened'].includes(server) ? [] : [server],
    tls: tlsOf[transport],
    delayMs: rttMs / 2,
    idleLimitMs: 1000,
    kinds: ['get', 'keyed', 'post'],
    countBy: 'crossings',
    count: { full: 1000, reduced: 50 },
    // TLS is the same with each server; a quick run shows it with Node and near by
    fullOnly: transport === 'tls' && server !== 'node' && rttMs > 10,
    lanes: 60,
    nearIdleEnd: 1,
    bodyBytes: 100,
    // Apache lingers: it half-closes, reads and drops, so no RST ever comes, and the queue alone is no evidence
    mostSurfaced: server === 'apache' && rttMs > 10 ? 'all' : mostSurfaced[rttMs],
  };
}

/**
 * A limit that was stated, and wrongly: no feeler goes ahead, so that evidence is all there is. At 1 ms it comes late:
 * the RST is less than a round trip behind the FIN, and by the time that Node has woken up and read the queue it has
 * often been emptied. What is shown is that nothing runs twice.
 */
function misstated(group) {
  return {
    ...group,
    id: `${group.id}-misstated`,
    kinds: ['post'],
    count: { full: 300, reduced: 50 },
    statedLimitMs: 600_000,
    fullOnly: group.tls || group.server !== 'node',
    mostSurfaced: { guard: 0.9 },
  };
}

const crossings = ['node', 'nginx', 'haproxy', 'apache'].flatMap((server) =>
  Object.keys(tlsOf).flatMap((transport) => roundTrips.map((rttMs) => crossing(server, transport, rttMs))),
);
/** `harden()`'s server: it lingers after a last response, and must not where it would take the evidence from A. */
const hardened = Object.keys(tlsOf).flatMap((transport) =>
  roundTrips.map((rttMs) => ({
    ...crossing('hardened', transport, rttMs),
    kinds: ['post'],
    fullOnly: transport === 'tls',
  })),
);
const evidenceOnly = [...crossings, ...hardened]
  .filter(({ server, delayMs }) => server !== 'apache' && delayMs < 1)
  .map((group) => misstated(group));

const dies = {
  ring: 'twice',
  kinds: ['post'],
  needs: [],
  tls: false,
  delayMs: 2,
  idleLimitMs: 600,
  countBy: 'trials',
  lanes: 64,
  // most requests follow at once; the others meet B's FIN behind a feeler, and go anew to a B that executes and dies
  nearIdleEnd: 0.1,
  // for each of three bodies, so 21 000 for each way
  count: { full: 7_000, reduced: 350 },
};

const nodeWays = ['destroy', 'reset', 'half-close', 'fin-reset', 'later', 'head'];
const pythonWays = ['linger-0', 'unread', 'unread-fin', 'http-server', 'fork-exit', 'fork-kill'];
const endsOfProcess = ['exit', 'kill'];

const ways = [
  ...nodeWays.map((way) => ({ ...dies, id: `tcp/${way}`, server: 'dying', way })),
  ...pythonWays.map((way) => ({ ...dies, id: `tcp/${way}`, server: 'python', way })),
  ...endsOfProcess.map((way) => ({
    ...dies,
    id: `tcp/process-${way}`,
    server: 'dying',
    way,
    lanes: 4,
    restarts: true,
    count: { full: 200, reduced: 10 },
  })),
  { ...dies, id: 'tls', server: 'dying', tls: true, way: 'destroy', mix: nodeWays },
  {
    ...dies,
    id: 'unix',
    server: 'dying',
    unix: true,
    way: 'destroy',
    mix: nodeWays.filter((way) => !way.includes('reset')),
  },
  ...['http', 'tcp'].flatMap((mode) =>
    [false, true].map((nolinger) => ({
      ...dies,
      id: `haproxy-${mode}${nolinger ? '-nolinger' : ''}`,
      server: 'haproxy-dying',
      needs: ['haproxy'],
      mode,
      nolinger,
      way: 'destroy',
      mix: nodeWays,
    })),
  ),
];

/** A quick run sends a body of one size each way, another the next way. */
const never = ways.flatMap((group, way) =>
  Object.entries(bodies).map(([name, bodyBytes], size, { length }) => ({
    ...group,
    id: `twice/${group.id}/${name}`,
    bodyBytes,
    fullOnly: size !== way % length,
  })),
);

/**
 * The same with other clients as A. Undici 8 needs a newer Node than the oldest that is supported, so it is asked for only
 * where there is time for everything.
 */
const clients = [
  { by: 'undici-7', needs: ['undici'] },
  { by: 'fetch', needs: [] },
  { by: 'undici-8', needs: ['undici', 'node24'], node: '24', fullOnly: true },
];
const clientWays = ['destroy', 'fin-reset', 'half-close', 'reset'];
const byClients = clients.flatMap((client) => [
  ...crossings
    .filter(({ server }) => server === 'node')
    .map((group) => ({
      ...group,
      ...client,
      id: group.id.replace('/node/', `/node-${client.by}/`),
      fullOnly: client.fullOnly || group.tls,
      count: { full: 300, reduced: 30 },
    })),
  ...clientWays.map((way) => ({
    ...dies,
    ...client,
    id: `twice/tcp-${client.by}/${way}/1B`,
    server: 'dying',
    way,
    bodyBytes: 1,
    fullOnly: client.fullOnly || way !== 'fin-reset',
    count: { full: 2_000, reduced: 200 },
  })),
]);

/** The ring's own proof: a client without Holdline hangs up here, and one that always sends again executes twice. */
const controls = [
  {
    ...crossing('node', 'tcp', 40),
    id: 'control/plain-agent-hangs-up',
    ring: 'control',
    agent: 'plain',
    count: { full: 200, reduced: 50 },
  },
  {
    ...never[0],
    id: 'control/blind-retry-executes-twice',
    ring: 'control',
    agent: 'blind',
    count: { full: 500, reduced: 100 },
  },
];

export const groups = [...controls, ...crossings, ...hardened, ...evidenceOnly, ...never, ...byClients];

export const cellsOf = (group) => group.kinds.map((kind) => ({ id: `${group.id}/${kind}`, kind, group }));
