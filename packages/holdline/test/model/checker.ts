import { isHangUpError } from '../../src/events/hang-up-error.js';
import { recordedBytes } from '../../src/line/recording.js';
import type { ModelClient, ModelRequest } from './client.js';
import type { Hop } from './hop.js';
import { ORIGIN, type World } from './world.js';

/** Judges a world by what a user was promised, from outside the Line. */
export class Checker {
  /** How often each request had been sent when it became forbidden to send it again. */
  readonly #sealed = new Map<ModelRequest, { readonly sends: number; readonly why: string }>();
  /** How many connections each client had when none of its requests might be sent any more. */
  readonly #hopsWhenSealed = new Map<ModelClient, number>();

  constructor(private readonly world: World) {}

  /** What must hold at any time. */
  check(): void {
    const { world } = this;
    for (const hop of world.hops) this.#checkHop(hop);
    world.clients.forEach((client, owner) => this.#checkClient(client, owner));
  }

  #checkRequest(request: ModelRequest, client: ModelClient): void {
    const sends = this.#sends(request);
    if (sends > 2) fail(`${request.id} was sent ${sends} times`);
    const seal = this.#sealed.get(request);
    if (seal && sends > seal.sends) fail(`${request.id} was sent after ${seal.why}`);
    const why = this.#whySealed(request, client);
    if (!seal && why) this.#sealed.set(request, { sends, why });
    if (sends === 2) this.#checkReplay(request);
  }

  #checkClient(client: ModelClient, owner: number): void {
    for (const complaint of client.complaints) fail(complaint);
    for (const request of client.requests) this.#checkRequest(request, client);
    const hops = this.world.hops.filter((hop) => hop.owner === owner).length;
    if (hops > (this.#hopsWhenSealed.get(client) ?? hops))
      fail('a connection was opened though no request may be sent');
    const areSealed = client.requests.every((request) => this.#sealed.has(request));
    if (areSealed && !client.pooled) this.#hopsWhenSealed.set(client, hops);
    if (client.closes > 1) fail(`a Line emitted 'close' ${client.closes} times`);
  }

  /** What must hold once all has come to its end. */
  checkEnd(): void {
    this.check();
    const { world } = this;
    const { machine, origins } = world;
    for (const request of world.requests) {
      if (world.forgotten.includes(request)) fail(`${request.id} was lost in silence`);
      if (request.writesPending !== 0) fail(`${request.writesPending} writes of ${request.id} were never confirmed`);
      const times = this.#executions(request);
      if (request.outcome === 'answered') this.#checkAnswered(request);
      if (times > 1 && !this.#mayRunTwice(request)) fail(`${request.id} was executed ${times} times`);
      this.#checkError(request);
    }
    if (world.plan.options?.mode === 'observe' && world.hops.length > world.clients.length)
      fail('an observer opened a connection');
    for (const { closes } of world.clients) if (closes !== 1) fail(`a Line emitted 'close' ${closes} times`);
    if (machine.openSockets.length > 0) fail(`${machine.openSockets.length} sockets were left open`);
    if (machine.clock.pendingTimers > 0) fail(`${machine.clock.pendingTimers} timers were left pending`);
    if (recordedBytes() !== world.heldBefore) fail(`${recordedBytes() - world.heldBefore} bytes are still recorded`);
    if (origins.at(ORIGIN).inUse) fail('the origin still counts the Line');
  }

  #checkAnswered(request: ModelRequest): void {
    if (this.#executions(request) === 0) fail(`${request.id} was answered and never executed`);
    const last = this.world.hops.findLast((hop) => hop.carried(request));
    if (!last?.sent.includes(request.text)) fail(`${request.id} was not sent as it was written`);
  }

  /** No request is written to a connection that may be past its limit. */
  #checkHop({ late, requests }: Hop): void {
    const { options, hints, ahead } = this.world.plan;
    if (options?.mode === 'observe') return;
    if (late) fail(`a request was written to a connection ${late}`);
    if (hints && !ahead && requests > 2) fail(`${requests} requests went over a connection that takes 2`);
  }

  #sends(request: ModelRequest): number {
    return this.world.hops.filter((hop) => hop.carried(request)).length;
  }

  #executions(request: ModelRequest): number {
    return this.world.hops.reduce((sum, { ledger }) => sum + ledger.times(request.id), 0);
  }

  #whySealed(request: ModelRequest, { line }: ModelClient): string | undefined {
    if (request.outcome === 'aborted') return 'the caller had aborted it';
    if (request.outcome === 'errored' && line.destroyed) return 'it had failed';
    // before it was sent at all a timeout says nothing: plain sockets, too, then send it if the caller does not mind
    if (this.#sends(request) > 0) {
      if (request.timedOut) return 'the caller was told of a timeout';
      if (request.ended) return 'the caller had ended its side';
    }
    if (request.outcome === 'answered') return 'it had been answered';
    if (request.answerBegan) return 'its answer had begun';
    return undefined;
  }

  /** A request was sent again: by leave, or because the first server's kernel never got any of it. */
  #checkReplay(request: ModelRequest): void {
    const first = this.world.hops.find((hop) => hop.carried(request));
    const { mode = 'on', replay = 'safe' } = this.world.plan.options ?? {};
    if (mode !== 'on' || replay === 'never') fail(`${request.id} was sent again, which the options forbid`);
    if (first && !first.served(request)) fail(`${request.id} was sent again though its connection had been new`);
    if (this.#mayRunTwice(request)) return;
    if (this.world.plan.given)
      fail(`${request.id} was sent again, though nothing can be known of a socket that a user made`);
    if (first?.got(request)) fail(`${request.id} was sent again though the server had got it`);
  }

  #mayRunTwice(request: ModelRequest): boolean {
    const { replay = 'safe' } = this.world.plan.options ?? {};
    return (
      replay === 'likely' ||
      (replay === 'safe' && (request.method === 'GET' || (request.keyed && !this.world.plan.ignoresKeys)))
    );
  }

  /** A hang-up that surfaces says why, and truly. */
  #checkError(request: ModelRequest): void {
    const { error } = request;
    if (!isHangUpError(error)) return;
    const { reason, evidence } = error.hangUp;
    const { mode = 'on', replay = 'safe', budget } = this.world.plan.options ?? {};
    const first = this.world.hops.find((hop) => hop.carried(request));
    const sends = this.#sends(request);
    switch (reason) {
      case 'aborted':
        if (!request.timedOut && !request.ended) fail(`${request.id} surfaced as aborted, which it was not`);
        break;
      case 'fresh-connection':
        if (first?.served(request)) fail(`${request.id} surfaced as if its connection had been new`);
        break;
      case 'replay-off':
        if (mode === 'on' && replay !== 'never') fail(`${request.id} surfaced as if replays were off`);
        break;
      case 'already-replayed':
      case 'replay-connect-failed':
        if (reason === 'already-replayed' && sends !== 2)
          fail(`${request.id} surfaced as replayed after ${sends} sends`);
        break;
      case 'budget-empty':
        if (budget === undefined) fail(`${request.id} surfaced for an empty budget`);
        break;
      case 'no-evidence':
        if (this.#mayRunTwice(request) && replay === 'safe' && budget === undefined)
          fail(`${request.id} needed no evidence`);
        if (evidence === 'undelivered' || evidence === 'unsent') fail(`${request.id} surfaced in spite of evidence`);
        break;
      case 'not-recorded':
        if (!this.world.plan.ahead && this.world.plan.options?.replayBufferBytes === undefined)
          fail(`${request.id} surfaced as not recorded`);
        break;
      default:
        fail(`${request.id} surfaced by '${reason}'`);
    }
  }
}

function fail(what: string): never {
  throw new Error(what);
}
