import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Dial } from '../../src/line/connection.js';
import { Line } from '../../src/line/line.js';
import { Origins } from '../../src/line/origins.js';
import { recordedBytes } from '../../src/line/recording.js';
import { MemoryConnection, settled, VirtualMachine } from '../../src/testing/index.js';
import { ModelClient, ModelRequest, PRIMED } from './client.js';
import { Hop } from './hop.js';
import type { Plan } from './plan.js';

export const ORIGIN = 'http://b';
const HANDSHAKE_MS = 10;
const IDLE_MS = 100;
/** Longer than a Line waits for evidence, and then twice longer than it waits for anything. */
const PATIENCE_MS = [100, 11_000, 11_000, 0];
const MOST_TURNS = 100;

/** A Line on a virtual machine, its client, and the servers that it has come to. */
export class World {
  readonly machine = new VirtualMachine();
  readonly origins: Origins;
  readonly hops: Hop[] = [];
  readonly clients: ModelClient[] = [];
  readonly heldBefore = recordedBytes();
  /** Requests that had no outcome when nothing more could happen. */
  forgotten: readonly ModelRequest[] = [];
  #client: ModelClient;

  constructor(readonly plan: Plan) {
    const origins = { [ORIGIN]: { idempotencyKeys: !plan.ignoresKeys } };
    this.origins = new Origins({ origins, ...plan.options }, this.machine);
    this.#client = this.renew();
  }

  /** Whoever makes requests at the moment. */
  get client(): ModelClient {
    return this.#client;
  }

  get requests(): readonly ModelRequest[] {
    return this.clients.flatMap(({ requests }) => requests);
  }

  /** Makes a new Line. */
  renew(): ModelClient {
    const owner = this.clients.length;
    const connect = (): Duplex => {
      const connection = new MemoryConnection(this.machine, this.hops.length, this.plan.sendBufferBytes);
      this.hops.push(new Hop(connection, owner, this.plan, () => this.machine.now()));
      return connection.client;
    };
    const dial: Dial = this.plan.given
      ? { kind: 'given', connect: (done) => done(null, connect()) }
      : { kind: 'own', connect: () => connect() as Socket };
    const line = new Line(this.origins.at(ORIGIN), dial);
    this.#client = new ModelClient(line, this.plan);
    this.clients.push(this.#client);
    return this.#client;
  }

  /** Has each Line serve one request, and then be idle for a while. */
  async prime(): Promise<void> {
    for (let sibling = 0; sibling < (this.plan.siblings ?? 0); sibling++) this.renew();
    for (const [index, client] of this.clients.entries()) await this.#prime(client, this.hops[index]);
    await this.machine.clock.advance(this.plan.idleMs ?? IDLE_MS);
  }

  async #prime(client: ModelClient, hop: Hop | undefined): Promise<void> {
    const { machine } = this;
    const request = new ModelRequest(`${PRIMED}${this.clients.indexOf(client)}`, { method: 'GET' });
    await machine.clock.advance(HANDSHAKE_MS);
    hop?.connection.accept();
    client.begin(request);
    client.write(request, request.head);
    await settled();
    await this.#flow();
    if (request.outcome !== 'answered' || !client.pooled)
      throw new Error(`the Line was not primed: ${request.outcome}`);
  }

  /** Lets all come to its end: servers that live answer, what hangs times out. */
  async finish(): Promise<void> {
    await settled();
    for (const ms of PATIENCE_MS) {
      for (const hop of this.hops) if (hop.connection.state === 'connecting' && !hop.fate) hop.meet('answers');
      await this.#flow();
      for (const { server } of this.hops) if (server.hasEnded) server.close();
      await this.#flow();
      if (this.clients.some(({ open }) => open.length > 0)) await this.machine.clock.advance(ms);
    }
    this.forgotten = this.clients.flatMap(({ open }) => open);
    for (const { line } of this.clients) line.destroy();
    await settled();
    while (this.machine.hasWork) await this.machine.turn();
  }

  /** Everything arrives, servers serve, and the loop turns, until nothing moves any more. */
  async #flow(): Promise<void> {
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      if (!this.machine.hasWork && !this.hops.some(({ moves }) => moves)) return;
      for (const hop of this.hops) hop.pass();
      await settled();
      await this.machine.turn();
    }
    throw new Error(`things still move after ${MOST_TURNS} turns`);
  }
}
