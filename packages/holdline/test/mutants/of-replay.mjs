// What is sent again and must not be.
import { FETCH } from './clients.mjs';
import { byUndici, edit, sockets, unit, without } from './mutant.mjs';

export const ofReplay = [
  {
    name: 'replay after abort',
    edits: [
      without('policy/verdict', "  if (facts.aborted) return surface('aborted');\n"),
      edit('line', 'if (exchange.timedOut || ', 'if ('),
    ],
    killedBy: [
      unit(
        'policy/verdict',
        'a request whose connection hung up aborted: is not sent again once its user wants it no more, even if it never left',
      ),
      sockets('aborts', 'a request whose user was told of a timeout is not sent again'),
    ],
    unseenBy: 'undici and fetch: undici destroys its socket as it aborts, and a Line that is destroyed sends nothing',
  },
  {
    name: 'a timeout is no abort',
    edits: [without('line', '    if (this.#exchange?.responseStarted === false) this.#exchange.timedOut = true;\n')],
    killedBy: [sockets('aborts', 'a request whose user was told of a timeout is not sent again')],
    unseenBy: "undici and fetch: undici's timeouts destroy its socket; it sets none that the socket would only tell of",
  },
  {
    name: 'replay after the first response byte',
    edits: [
      without('policy/verdict', "  if (facts.responseStarted) return surface('response-started');\n"),
      edit(
        'line',
        'return this.#exchange?.responseStarted === false ? this.#exchange : undefined;',
        'return this.#exchange;',
      ),
      without('line', '  exchange.recording.forget();\n'),
    ],
    killedBy: [
      unit(
        'policy/verdict',
        'a request whose connection hung up response-started: is not sent again once a byte of its response came',
      ),
      sockets(
        'hang-ups',
        'a response that breaks off after its first bytes is passed on as it is and never asked for again',
      ),
      ...byUndici(
        'fate',
        'a response that breaks off after its first bytes is passed on as it is, and never asked for again',
      ),
    ],
  },
  {
    name: 'a second replay',
    edits: [without('policy/verdict', "  if (facts.replayed) return surface('already-replayed');\n")],
    killedBy: [
      unit(
        'policy/verdict',
        'a request whose connection hung up already-replayed: surfaces the second time, whatever it is',
      ),
      sockets('hang-ups', 'a request is sent again once and no more'),
      ...byUndici('fate', 'a request is sent again once and no more'),
    ],
  },
  {
    name: 'a new connection that ends is a stale reuse',
    edits: [without('policy/verdict', "  if (!facts.reused) return surface('fresh-connection');\n")],
    killedBy: [
      sockets('hang-ups', 'a new connection that hangs up surfaces: idle time is not its cause'),
      ...byUndici('fate', 'a new connection that hangs up surfaces: idle time is not its cause'),
    ],
  },
  {
    name: 'what is not wholly recorded is sent again in part',
    edits: [without('policy/verdict', "  if (!facts.recorded) return surface('not-recorded');\n")],
    killedBy: [
      sockets('hang-ups', 'a body above the replay buffer is not sent again, and the error says so'),
      ...byUndici('fate', 'a body above the replay buffer is not sent again, and the error says so'),
    ],
  },
  {
    name: 'every origin honours keys',
    edits: [
      edit(
        'line/judging',
        '(exchange.head?.hasKey ?? false) && origin.honoursKeys',
        '(exchange.head?.hasKey ?? false)',
      ),
    ],
    killedBy: [
      sockets('hang-ups', 'a keyed POST is sent again where its origin is declared to honour keys, and not elsewhere'),
      ...byUndici('fate', 'a key helps only where the origin is declared to honour it'),
    ],
  },
  {
    name: 'the budget is endless',
    edits: [edit('policy/budget', 'return budget.tokens >= 1;', 'return budget.tokens >= 0;')],
    killedBy: [
      unit('policy/budget', 'the replay budget lets a burst through at once, and then no more'),
      sockets('hang-ups', 'an exhausted budget surfaces what only a replay at a cost could cure'),
      ...byUndici('fate', 'an exhausted budget surfaces what only a replay at a cost could cure'),
    ],
  },
  {
    name: "the recording keeps the caller's own Buffer",
    edits: [
      edit('line/recording', "data: data.toString('latin1'), encoding: 'latin1'", 'data, encoding: piece.encoding'),
    ],
    killedBy: [
      unit(
        'line/recording',
        'the bytes of a request are kept also if the caller writes over its Buffer as soon as the write is done',
      ),
      ...byUndici('fate', 'the same bytes are sent again, also if the caller has written over its Buffer meanwhile', {
        but: FETCH,
      }),
    ],
    unseenBy: 'the built-in fetch: it copies what a body gives (from Node 24 on)',
  },
];
