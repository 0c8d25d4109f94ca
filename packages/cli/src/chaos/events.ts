import type { Deed } from '../lab/links/passage.js';

/** Something that happened while chaos ran. Times in ms since it began to listen. */
export type ChaosEvent =
  | { readonly what: 'open'; readonly atMs: number; readonly connection: number; readonly port: number }
  | { readonly what: 'unreachable'; readonly atMs: number; readonly connection: number; readonly message: string }
  | (Deed & { readonly connection: number });

/** What it came to. */
export interface ChaosTotals {
  readonly ranMs: number;
  readonly connections: number;
  /** Connections that the rules closed, half-closed or forgot. */
  readonly closedByRules: number;
  readonly closedByB: number;
  /** Connections on which bytes of A's came to a B that had closed: the client hangs up, or sends them again. */
  readonly metClose: number;
  /** Those of them that left while the close was still on its way: no client can see that beforehand. */
  readonly crossings: number;
  /** Connections that lost bytes. */
  readonly dropped: number;
  readonly unreachable: number;
}

interface Numbers {
  open: number;
  closedByRules: number;
  'b-close': number;
  'met-close': number;
  crossing: number;
  drop: number;
  unreachable: number;
}

/** Counts events; each connection once for each thing. */
export class Counts {
  readonly #seen = new Map<number, Set<string>>();
  readonly #counts: Numbers = {
    open: 0,
    closedByRules: 0,
    'b-close': 0,
    'met-close': 0,
    crossing: 0,
    drop: 0,
    unreachable: 0,
  };

  add(event: ChaosEvent): void {
    this.#once(event.what in this.#counts ? (event.what as keyof Numbers) : 'closedByRules', event);
    if (event.what === 'met-close' && event.crossing) this.#once('crossing', event);
  }

  totals(ranMs: number): ChaosTotals {
    const {
      open,
      closedByRules,
      'b-close': closedByB,
      'met-close': metClose,
      crossing,
      drop,
      unreachable,
    } = this.#counts;
    return {
      ranMs,
      connections: open,
      closedByRules,
      closedByB,
      metClose,
      crossings: crossing,
      dropped: drop,
      unreachable,
    };
  }

  /** Its connection is gone: nothing more will come of it. */
  forget(connection: number): void {
    this.#seen.delete(connection);
  }

  #once(what: keyof Numbers, { connection }: ChaosEvent): void {
    const seen = this.#seen.get(connection) ?? new Set();
    this.#seen.set(connection, seen);
    if (seen.has(what)) return;
    seen.add(what);
    this.#counts[what]++;
  }
}
