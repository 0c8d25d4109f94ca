import { type HoldlineOptions, withoutHoldline } from '../line/options.js';

/** What of an agent's options is for Node: all but Holdline's own, and `keepAlive` on, for what else is there to keep. */
export function nodeOptions<Options extends HoldlineOptions>(options: Options): Omit<Options, keyof HoldlineOptions> {
  return { keepAlive: true, ...withoutHoldline(options) };
}
