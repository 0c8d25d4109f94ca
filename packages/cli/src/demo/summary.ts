import type { Arm, HalfId } from './arms.js';
import type { Findings } from './checker.js';
import type { Link } from './link.js';
import type { Measurement } from './protocol.js';
import type { Story } from './story.js';

/** One arm and what became of its requests. */
export interface ArmResult extends Arm, Findings {
  /** Requests on the way while B's close was on the way. */
  readonly crossings: number;
}

/** One half of the incident. */
export interface HalfResult {
  readonly id: HalfId;
  readonly arms: readonly ArmResult[];
  /** One hang-up of it, packet by packet; undefined if the link saw none whole. */
  readonly story?: Story;
}

/** One thing that must hold for the demo to succeed. */
export interface Criterion {
  readonly name: string;
  readonly holds: boolean;
  /** What was found, in words. */
  readonly found: string;
}

/** All that a run of the demo found; this is what `--json` prints. */
export interface Summary {
  readonly ok: boolean;
  readonly criteria: readonly Criterion[];
  readonly seed: number;
  readonly fast: boolean;
  readonly tookMs: number;
  readonly node: string;
  readonly link: Pick<Link, 'kind' | 'delayMs' | 'lack'>;
  /** B's idle limit as it advertises it, and as it is; of the B that is yours. */
  readonly idleLimit: Measurement;
  readonly halves: readonly HalfResult[];
}
