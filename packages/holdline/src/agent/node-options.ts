import type { HoldlineOptions } from '../line/options.js';

/** What of an agent's options is for Node: all but Holdline's own, and `keepAlive` on, for what else is there to keep. */
export function nodeOptions<Options extends HoldlineOptions>(options: Options): Omit<Options, keyof HoldlineOptions> {
  const {
    mode: _mode,
    maxIdleMs: _maxIdleMs,
    marginMs: _marginMs,
    unknownIdleLimitMs: _unknownIdleLimitMs,
    replay: _replay,
    replayBufferBytes: _replayBufferBytes,
    replayConnectTimeoutMs: _replayConnectTimeoutMs,
    budget: _budget,
    origins: _origins,
    ...rest
  } = options;
  return { keepAlive: true, ...rest };
}
