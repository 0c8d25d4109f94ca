import type { Failure } from './failure.js';
import type { Greeting, Observation, Sample } from './observation.js';

/** What happens while servers are probed, as it happens. `url` says for which. */
export type ProbeEvent =
  | { readonly type: 'resolved'; readonly url: string; readonly addresses: readonly string[] }
  /** The first response of an address came. */
  | {
      readonly type: 'greeted';
      readonly url: string;
      readonly address: string;
      readonly greeting: Greeting;
      readonly rttMs: number;
    }
  /** A connection was answered and is idle now; an unused one is open. */
  | { readonly type: 'held'; readonly url: string; readonly address: string; readonly id: number }
  /** A connection has shown what it was opened for. */
  | { readonly type: 'settled'; readonly url: string; readonly address: string; readonly sample: Sample }
  /** Nothing can be measured there. */
  | { readonly type: 'failed'; readonly url: string; readonly address?: string; readonly failure: Failure }
  /** A limit that does not show itself is looked at more closely, between these idle times in ms. */
  | {
      readonly type: 'refining';
      readonly url: string;
      readonly address: string;
      readonly fromMs: number;
      readonly toMs: number;
    }
  /** The machine slept, or the process was stopped: what was under way is measured anew. */
  | { readonly type: 'suspended'; readonly gapMs: number }
  /** All that was seen of one URL; the last event of each. */
  | { readonly type: 'measured'; readonly url: string; readonly observation: Observation };
