export {
  channels,
  type DrainStep,
  type ServerCloseEvent,
  type ServerCloseReason,
  type ServerDrainEvent,
  type ServerKeptEvent,
} from '../events/channels.js';
export type { Behind } from '../policy/pools.js';
export type { ServerTimeouts } from '../policy/server-timeouts.js';
export { drain } from './drain.js';
export type { DrainOptions } from './drain-options.js';
export type { CutDuring, DrainReport } from './drain-report.js';
export { harden } from './harden.js';
export type { Hardened, ServerCounts } from './hardened.js';
export type { HardenOptions } from './options.js';
export type { HttpServer } from './watch.js';
