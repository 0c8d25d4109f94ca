import { type HoldlineOptions, withoutHoldline } from '../line/options.js';
import { proxyEnvironment } from './env-proxy.js';

/**
 * What of an agent's options is for Node: all but Holdline's own, with `keepAlive` on, for what else is there to keep, and
 * the proxies of the environment, where the process was told to use them.
 */
export function nodeOptions<Options extends HoldlineOptions>(options: Options): Omit<Options, keyof HoldlineOptions> {
  const proxyEnv = proxyEnvironment(options);
  return { keepAlive: true, ...(proxyEnv && { proxyEnv }), ...withoutHoldline(options) };
}
