import { oneOf } from '../checks.js';
import { type Counts, noCounts } from './counts.js';
import type { Machine } from './machine.js';
import { nodeMachine } from './node-machine.js';
import { type HoldlineOptions, MODES, type Mode, originName, type Settings, settle } from './options.js';
import { Origin } from './origin.js';

/** A process that talks to more origins than this forgets those that it has no connection to. */
const MOST_ORIGINS = 1_000;

/** The origins that one agent talks to. */
export class Origins {
  readonly counts: Counts = noCounts();
  readonly settings: Settings;
  readonly #origins = new Map<string, Origin>();
  #mode: Mode;

  constructor(
    options: HoldlineOptions,
    private readonly machine: Machine = nodeMachine,
  ) {
    this.settings = settle(options, process.env);
    this.#mode = this.settings.mode;
  }

  /** The origin of that name, as `originName` gives it. */
  at(name: string): Origin {
    let origin = this.#origins.get(name);
    if (!origin) {
      if (this.#origins.size >= MOST_ORIGINS) this.#forgetUnused();
      const own = this.settings.origins.get(name) ?? {};
      origin = new Origin(name, this.settings, own, this.machine, this.counts, () => this.#mode);
      this.#origins.set(name, origin);
    }
    return origin;
  }

  /**
   * Changes the mode while the program runs.
   *
   * @param mode - Requests that begin from now on follow it.
   * @param origin - Only for this origin; left out, for all that have no mode of their own.
   * @throws TypeError for an unknown mode, or what is not an origin.
   */
  setMode(mode: Mode, origin?: string): void {
    const checked = oneOf('mode', mode, MODES, 'on');
    if (origin === undefined) this.#mode = checked;
    else this.at(originName(origin)).setMode(checked);
  }

  #forgetUnused(): void {
    for (const [name, origin] of this.#origins) if (!origin.inUse) this.#origins.delete(name);
  }
}
