import { Line } from '../../src/line/line.js';
import { Origins } from '../../src/line/origins.js';
import { recordedBytes } from '../../src/line/recording.js';
import { MemoryConnection, settled, VirtualMachine } from '../../src/testing/index.js';
import { ModelClient, ModelRequest } from './client.js';
import { Hop } from './hop.js';
import type { Plan } from './plan.js';

export const ORIGIN = 'http://b';
const HANDSHAKE_MS = 10;
const IDLE_MS = 100;
/** Longer than the Line waits for anything. */
const LONG_MS = 11_000;
const ROUNDS = 4;
const MOST_TURNS = 100;

/** A Line on a virtual machine, its client, and the servers that it has come to. */
export class World {
  readonly machine = new VirtualMachine();
  readonly origins: Origins;
  readonly hops: Hop[] = [];
  readonly clients: ModelClient[] = [];
  readonly heldBefore = recordedBytes();
  #client: ModelClient;

  constructor(readonly plan: Plan) {
    this.origins = new Origins({ origins: { [ORIGIN]: { idempotencyKeys: true } }, ...plan.options }, this.machine);
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
    const line = new Line(this.origins.at(ORIGIN), {
      kind: 'own',
      connect: () => {
        const connection = new MemoryConnection(this.machine, this.hops.length);
        this.hops.push(new Hop(connection, owner, this.plan, () => this.machine.now()));
        return connection.client as never;
      },
    });
    this.#client = new ModelClient(line, this.plan.onTimeout ?? 'destroys');
    this.clients.push(this.#client);
    return this.#client;
  }

  /** Serves one request, and then lets the Line be idle for a while. */
  async prime(): Promise<void> {
    const { client, machine } = this;
    const [hop] = this.hops;
    const request = new ModelRequest('primed', { method: 'GET' });
    await machine.clock.advance(HANDSHAKE_MS);
    hop?.connection.accept();
    client.begin(request);
    client.write(request, request.head);
    await settled();
    hop?.pass();
    await machine.turn();
    hop?.pass();
    await machine.clock.advance(IDLE_MS);
    if (request.outcome !== 'answered' || !client.pooled)
      throw new Error(`the Line was not primed: ${request.outcome}`);
  }

  /** Lets all come to its end: servers that live answer, what hangs times out. */
  async finish(): Promise<void> {
    await settled();
    for (let round = 0; round < ROUNDS; round++) {
      for (let turn = 0; turn < MOST_TURNS && this.#moves; turn++) {
        for (const hop of this.hops) hop.pass();
        await settled();
        await this.machine.turn();
      }
      for (const { server } of this.hops) if (server.hasEnded) server.close();
      const isOpen = this.clients.some(({ open }) => open.length > 0);
      if (round > 0 && isOpen) await this.machine.clock.advance(LONG_MS);
    }
    for (const { line } of this.clients) line.destroy();
    await settled();
    while (this.machine.hasWork) await this.machine.turn();
  }

  get #moves(): boolean {
    return this.machine.hasWork || this.hops.some(({ moves }) => moves);
  }
}
