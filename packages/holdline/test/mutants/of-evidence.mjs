// What is taken for evidence and is none.
import { byUndici, edit, sockets, unit } from './mutant.mjs';

const died = (what, bytes = 1) =>
  sockets(
    'executed-then-died',
    `B executes a POST at once, in much less than a round trip and ${what}: a POST of ${bytes} bytes is never sent again`,
  );

const diedByUndici = (what) => byUndici('fate', `B executes a POST at once and ${what}: it is never sent again`);

export const ofEvidence = [
  {
    name: 'RST alone is evidence',
    edits: [
      edit(
        'line/judging',
        '  const tcp = witnessOf(hangUp);\n  if (!tcp) {',
        `  if (exchange.hangUp?.how === 'reset') {
    settle('undelivered');
    return noop;
  }
  const tcp = witnessOf(hangUp);
  if (!tcp) {`,
      ),
    ],
    killedBy: [
      died('resets it'),
      died('resets it', 60_000),
      sockets('hang-ups', 'a POST that B executed before it ended the connection by reset is never sent again'),
      ...diedByUndici('resets it'),
    ],
  },
  {
    name: 'FIN and RST are evidence where the queue could not be read',
    edits: [
      edit(
        'policy/evidence',
        "return seen.resetCame ? 'likely' : 'none';",
        "return seen.resetCame ? 'undelivered' : 'none';",
      ),
    ],
    killedBy: [
      unit(
        'policy/evidence',
        'what was seen is weighed a FIN and a RST alone prove nothing: a server that executed and died looks the same',
      ),
      died('half-closes it, and resets it before A could look'),
      ...diedByUndici('half-closes it, and resets it before A could look'),
    ],
  },
  {
    name: 'FIN and RST are evidence whatever the queue says',
    edits: [
      edit(
        'line/weighing',
        "if (resetCame || late || (finSeen && queue !== 'whole')) done(",
        'if (resetCame || late) done(',
      ),
      edit('policy/evidence', "  return 'none';\n}", "  return seen.resetCame ? 'undelivered' : 'none';\n}"),
    ],
    killedBy: [
      unit(
        'policy/evidence',
        'what was seen is weighed a queue from which the server took anything speaks for the server, whatever came then',
      ),
      died('half-closes it, and resets it while A looks for evidence'),
      died('half-closes it, and resets it while A looks for evidence', 60_000),
      ...diedByUndici('half-closes it, and resets it while A looks for evidence'),
    ],
  },
  {
    name: 'time is evidence',
    edits: [
      edit(
        'line/judging',
        '  const tcp = witnessOf(hangUp);\n  if (!tcp) {',
        `  const roundTripMs = Math.max(connection.handshakeMs, connection.quickestAnswerMs ?? 0);
  const tookMs = (exchange.hangUp?.at.monotonicMs ?? 0) - (exchange.sentAt?.monotonicMs ?? 0);
  if (tookMs < roundTripMs) {
    settle('undelivered');
    return noop;
  }
  const tcp = witnessOf(hangUp);
  if (!tcp) {`,
      ),
    ],
    killedBy: [
      died('closes it'),
      died('resets it'),
      died('half-closes it, and closes it much later'),
      ...diedByUndici('closes it'),
    ],
  },
  {
    name: 'a TLS end is a FIN',
    edits: [
      edit('policy/evidence', 'queue?.finReceived !== true ||', 'queue === undefined ||'),
      edit('line/weighing', '    return !noFinYet;\n', '    return true;\n'),
    ],
    killedBy: [
      unit(
        'policy/evidence',
        'the queue is whole not when no FIN came: over TLS the end may be a close_notify, which acknowledges nothing',
      ),
      unit(
        'line/weighing',
        'a POST may have been delivered when a close_notify ended TLS, and then a RST came without a FIN',
      ),
      sockets(
        'tls-end-is-no-fin',
        'B ends TLS, executes the POST that was on its way, and resets: the POST is never sent again',
      ),
      ...byUndici('fate', 'B ends TLS, executes the POST that was on its way, and resets: it is never sent again'),
    ],
  },
  {
    name: 'part of the queue is evidence',
    edits: [edit('policy/evidence', 'unacknowledgedBytes === requestBytes ||', 'unacknowledgedBytes > 0 ||')],
    killedBy: [
      unit('policy/evidence', 'the queue is whole not when the FIN acknowledged any of it, be it one byte'),
      unit(
        'line/weighing',
        'a POST may have been delivered when the FIN acknowledged any of it, be a RST on its way or not: nobody waits for that',
      ),
    ],
    unseenBy: 'undici and fetch: over loopback a FIN acknowledges all that was sent, or nothing',
  },
  {
    name: 'a whole queue is evidence without a RST',
    edits: [edit('policy/evidence', "return seen.resetCame ? 'undelivered' : 'likely';", "return 'undelivered';")],
    killedBy: [
      unit(
        'policy/evidence',
        'what was seen is weighed a whole queue and no RST: Apache lingers, reads and discards, but another might read and execute',
      ),
      unit(
        'line/weighing',
        'a POST may have been delivered when no RST came within a little over a round trip: Apache lingers',
      ),
    ],
    unseenBy:
      'undici and fetch: over loopback what is sent is acknowledged at once, so no queue is whole; the packets ring has undici meet a B that half-closes',
  },
  {
    name: 'likely is good enough',
    edits: [
      edit(
        'policy/verdict',
        "facts.evidence === 'likely' && facts.leave === 'likely' && ",
        "facts.evidence === 'likely' && ",
      ),
    ],
    killedBy: [
      unit(
        'policy/verdict',
        'a request whose connection hung up likely: is sent again on weaker evidence only where the user lets it count, and is paid for',
      ),
      died('half-closes it, and resets it before A could look'),
      ...diedByUndici('half-closes it, and resets it before A could look'),
    ],
  },
  {
    name: 'the kernel is asked of a connection on which we have sent a FIN',
    edits: [edit('policy/evidence', 'grounds.ownTcp && grounds.ourSideOpen && ', 'grounds.ownTcp && ')],
    killedBy: [
      unit(
        'policy/evidence',
        'evidence can be had only of a TCP connection of our own, on which we sent nothing more, and which ended in order',
      ),
    ],
    unseenBy: 'undici and fetch: undici does not end its side while a request is under way',
  },
  {
    name: 'a feeler is more than one byte',
    edits: [edit('line/connection', 'bytesOf(pieces).subarray(0, 1)', 'bytesOf(pieces)')],
    killedBy: [
      sockets('feeler', 'a POST that B executed behind its feeler is never sent again'),
      sockets('feeler', 'a POST arrives whole behind its first byte where B lives, over the connection that was kept'),
      ...byUndici('fate', 'a POST that B executed behind its feeler is never sent again'),
    ],
  },
  {
    name: 'no look behind a feeler',
    edits: [edit('line/admission', "seen === 'closed') side", "seen === 'unknown') side")],
    killedBy: [
      unit(
        'line/interleavings',
        'in every order in which a server ends a connection, segments arrive, and a client writes a POST with a feeler',
      ),
      ...byUndici('fate', 'a POST is answered whose feeler met a B that closed, while the loop of A stood still'),
    ],
  },
];
