import { dispatcher } from 'holdline/undici';
import { type Arm, holdlineOptions, type RoundSettings } from './adapter.js';

/** An undici's dispatcher, as far as the lab uses it. */
export interface Dispatching {
  destroy(): Promise<void>;
}

/** What the built-in `fetch` sends by: an agent of the undici that it is built on, or Holdline. One for each pool. */
export async function fetchDispatcher(arm: Arm): Promise<(round: RoundSettings) => Dispatching> {
  // Whichever undici is loaded first provides the global dispatcher. Looking at `Headers` loads the one that is built in.
  void globalThis.Headers;
  const global = globalThis as unknown as Record<symbol, { readonly constructor: new () => Dispatching } | undefined>;
  const own = global[Symbol.for('undici.globalDispatcher.2')] ?? global[Symbol.for('undici.globalDispatcher.1')];
  if (!own) throw new Error('the built-in fetch of this Node has no global dispatcher, expected Node 20 or later');
  const NodesAgent = own.constructor;
  if (arm === 'bare') return () => new NodesAgent();
  const undici = await import('undici');
  return (round) => dispatcher(holdlineOptions(round), undici);
}
