// What is reused and should be let go, and in whose context things are told.
import { byUndici, edit, sockets, unit, without } from './mutant.mjs';

export const ofReuse = [
  {
    name: 'monotonic clock only',
    edits: [
      edit(
        'policy/idle-time',
        'to.monotonicMs - from.monotonicMs, to.wallMs - from.wallMs)',
        'to.monotonicMs - from.monotonicMs)',
      ),
    ],
    killedBy: [
      unit(
        'policy/idle-time',
        'the time that passed is counted while the machine sleeps, when the monotonic clock stands still',
      ),
    ],
    unseenBy: 'undici and fetch: only a machine that sleeps shows it',
  },
  {
    name: 'wall clock only',
    edits: [
      edit(
        'policy/idle-time',
        'to.monotonicMs - from.monotonicMs, to.wallMs - from.wallMs)',
        'to.wallMs - from.wallMs)',
      ),
    ],
    killedBy: [unit('policy/idle-time', 'the time that passed is counted when the wall clock is set back')],
    unseenBy: 'undici and fetch: only a clock that is set back shows it',
  },
  {
    name: 'no look',
    edits: [edit('line/checking-out', "looked: connection.wire ? 'not-yet' : 'impossible',", "looked: 'impossible',")],
    killedBy: [
      sockets(
        'letting-go',
        'after a stalled event loop a POST is not written to a connection that B has closed meanwhile',
      ),
      ...byUndici(
        'hang-ups',
        'a plain POST for which the server has closed unheard is answered: that is seen before a byte is written',
      ),
    ],
  },
  {
    name: 'idle time from the last byte after a large response',
    edits: [
      edit(
        'policy/idle-time',
        'drawnOut ? response.firstByte : response.lastByte',
        'drawnOut ? response.lastByte : response.lastByte',
      ),
    ],
    killedBy: [
      unit(
        'policy/idle-time',
        'the idle time of a connection runs from the first byte of a large response: the server was done when its kernel had taken the bytes',
      ),
      sockets(
        'letting-go',
        'a large response that A reads slowly: idle time runs from its first byte, so that A lets go before B does',
      ),
      ...byUndici('fate', 'after a large response that is read slowly, idle time runs from its first byte'),
    ],
  },
  {
    name: 'the cutoff is not heeded before a request is written',
    edits: [
      without(
        'policy/checkout',
        "  if (facts.idleMs >= facts.cutoffMs) return { action: 'let-go', reason: 'cutoff' };\n",
      ),
    ],
    killedBy: [
      unit('policy/checkout', 'before a request is written to an idle connection it is let go from its cutoff on'),
      ...byUndici(
        'fate',
        'a request is not written to a connection that is past its cutoff, by what is stated less the margin',
      ),
    ],
  },
  {
    name: 'no margin',
    edits: [edit('policy/cutoff', 'limit.limitMs - marginMs(limit, facts)', 'limit.limitMs')],
    killedBy: [
      unit(
        'policy/cutoff',
        'the margin of a hint is a second, for hints are whole seconds, and the round trip and the lag on top',
      ),
      ...byUndici(
        'fate',
        'a request is not written to a connection that is past its cutoff, by what is stated less the margin',
      ),
    ],
  },
  {
    name: 'what the server hints is not believed',
    edits: [
      without(
        'policy/cutoff',
        "  if (known.hintMs !== undefined) return { limitMs: known.hintMs, source: 'hinted' };\n",
      ),
    ],
    killedBy: [
      unit('policy/cutoff', 'the idle limit that is believed is what the server hints, where the user states nothing'),
      ...byUndici(
        'fate',
        'a request is not written to a connection that is past its cutoff, by what B hints less the margin',
      ),
    ],
  },
  {
    name: 'siblings of a closed connection stay',
    edits: [edit('line/origin', "if (idle !== undefined && idle >= idleMs) line.letGo('sibling');", '')],
    killedBy: [
      unit(
        'line/origin',
        'when a connection hangs up those that were idle as long or longer go with it, and the others stay',
      ),
      ...byUndici('fate', 'when a connection hangs up, one that was idle as long goes with it'),
    ],
  },
  {
    name: 'an idle connection that ended stays in the pool',
    edits: [edit('line', 'if (this.#idle) this.letGo(reason);', "if (this.#idle) this.#phase = 'lost';")],
    killedBy: [
      sockets('letting-go', 'a FIN on an idle connection takes it out of the pool in that moment'),
      ...byUndici('fate', 'a FIN on an idle connection ends it in that moment'),
    ],
  },
  {
    name: 'a 408 is an answer, also on a reused connection',
    edits: [edit('line/response-head', "if (text === STALE) return 'yes';", "if (text === STALE) return 'no';")],
    killedBy: [
      unit(
        'line/response-head',
        'a 408 with which a server takes leave is known by its first twelve bytes, and may be one as long as there are fewer',
      ),
      sockets(
        'hang-ups',
        'a 408 on a reused connection is a stale reuse: a GET goes again, a POST gets the 408 as its answer',
      ),
      ...byUndici(
        'fate',
        'a 408 on a reused connection is a stale reuse: a GET goes again, a POST gets the 408 as its answer',
      ),
    ],
  },
  {
    name: "the first request's async context",
    edits: [
      without('line', '    this.#scope.end();\n'),
      edit(
        'line/request-scope',
        'this.#request = new AsyncResource(TYPE);',
        'this.#request ??= new AsyncResource(TYPE);',
      ),
    ],
    killedBy: [
      sockets('async-context', 'a hang-up by destroy that surfaces reaches the log of the tenant whose request it was'),
      sockets(
        'async-context',
        'a hang-up by resetAndDestroy that surfaces reaches the log of the tenant whose request it was',
      ),
      ...byUndici('fate', 'a hang-up reaches the log of the tenant whose request it was'),
    ],
  },
  {
    name: 'no async context at all',
    edits: [
      edit(
        'line/request-scope',
        'if (this.#request) this.#request.runInAsyncScope(act, on, ...args);\n    else act.apply',
        'act.apply',
      ),
    ],
    killedBy: [
      sockets('async-context', 'a hang-up by destroy that surfaces reaches the log of the tenant whose request it was'),
      ...byUndici('fate', 'a hang-up reaches the log of the tenant whose request it was'),
    ],
  },
];
