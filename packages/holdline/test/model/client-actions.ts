import { ModelRequest } from './client.js';
import type { Action } from './plan.js';
import type { World } from './world.js';

const SLEEP_MS = 3_600_000;

/** What a client and its machine can do next. */
export class ClientActions {
  readonly #requests: ModelRequest[];
  readonly #ahead: ModelRequest | undefined;
  #current: ModelRequest | undefined;
  #pieces: string[] = [];
  readonly #waitsMs: number[];
  #abortsLeft: number;
  #jumpsLeft: number;
  #halfClosesLeft: number;
  #wroteAhead = false;

  constructor(private readonly world: World) {
    const { requests, waitsMs = [], aborts = 0, jumps = 0, ahead = false, halfCloses = false } = world.plan;
    this.#requests = requests.map((plan, index) => new ModelRequest(`r${index + 1}`, plan));
    const [first] = requests;
    if (ahead && first) this.#ahead = new ModelRequest('ahead', first);
    this.#waitsMs = [...waitsMs];
    this.#abortsLeft = aborts;
    this.#jumpsLeft = jumps;
    this.#halfClosesLeft = halfCloses ? 1 : 0;
  }

  get possible(): readonly Action[] {
    const { client, machine, plan } = this.world;
    const { line } = client;
    const request = this.#current?.outcome === 'open' ? this.#current : undefined;
    const isFree = client.open.length === 0 && this.#requests.length > 0;
    const hasLine = client.pooled && !line.destroyed;
    const on = (name: string, enabled: boolean, run: Action['run']): Action[] =>
      enabled ? [{ name, side: 'client', run }] : [];
    return [
      ...on('turn', machine.hasWork, () => machine.turn()),
      ...on('take', isFree && hasLine, () => this.#take()),
      ...on('renew', isFree && !hasLine && plan.renews === true, () => {
        this.world.renew();
        this.#take();
      }),
      ...on('write', request !== undefined && this.#pieces.length > 0 && line.writable, () => {
        if (request) client.write(request, this.#pieces.shift() ?? '');
      }),
      ...on('write ahead', request !== undefined && this.#mayWriteAhead && line.writable, () => this.#writeAhead()),
      ...on('abort', this.#abortsLeft > 0 && request !== undefined, () => {
        this.#abortsLeft--;
        client.abort();
      }),
      ...on('half-close', this.#halfClosesLeft > 0 && request !== undefined && !line.destroyed, () => {
        this.#halfClosesLeft--;
        client.halfClose();
      }),
      ...on(`wait ${this.#waitsMs[0]} ms`, this.#waitsMs.length > 0 && (request !== undefined || this.#isLong), () =>
        machine.clock.advance(this.#waitsMs.shift() ?? 0),
      ),
      ...on('sleep', this.#jumpsLeft > 0, () => {
        this.#jumpsLeft--;
        machine.clock.suspend(SLEEP_MS);
      }),
      ...on('clock set back', this.#jumpsLeft > 0, () => {
        this.#jumpsLeft--;
        machine.clock.setWall(machine.now().wallMs - SLEEP_MS);
      }),
    ];
  }

  /** The pool gives the Line to the next request, which is written later. */
  #take(): void {
    const { client, plan } = this.world;
    this.#current = this.#requests.shift();
    if (!this.#current) return;
    this.#pieces = [...this.#current.pieces];
    client.take(this.#current);
    if (plan.timeoutMs !== undefined) client.line.setTimeout(plan.timeoutMs);
  }

  /** Between several requests time may pass, too. */
  get #isLong(): boolean {
    return this.world.plan.requests.length > 1 && this.#requests.length > 0;
  }

  get #mayWriteAhead(): boolean {
    return this.#ahead !== undefined && !this.#wroteAhead && this.#pieces.length === 0;
  }

  #writeAhead(): void {
    const { client } = this.world;
    this.#wroteAhead = true;
    if (!this.#ahead) return;
    client.begin(this.#ahead);
    client.write(this.#ahead, this.#ahead.head + this.#ahead.body);
  }
}
