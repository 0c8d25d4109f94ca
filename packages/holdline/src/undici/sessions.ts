/** TLS sessions, by server, to be resumed. The one that was set longest ago makes room. */
export class Sessions {
  readonly #sessions = new Map<string, Buffer>();

  constructor(private readonly most: number) {}

  get(server: string): Buffer | undefined {
    return this.#sessions.get(server);
  }

  set(server: string, session: Buffer): void {
    if (this.most === 0) return;
    this.#sessions.delete(server);
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size < this.most) break;
      this.#sessions.delete(oldest);
    }
    this.#sessions.set(server, session);
  }
}
