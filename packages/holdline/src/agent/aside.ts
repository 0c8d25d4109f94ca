import type { ConnectOptions } from '../line/dial.js';
import type { Settings } from '../line/options.js';
import { type Globals, otherRuntime, warnRuntime } from '../line/unsupported.js';
import { goesByProxy, proxyEnvironment, warnProxied } from './env-proxy.js';

/** Knows where an agent leaves everything to Node's own agent, and tells it once. */
export class Aside {
  /** On a runtime that is not Node. */
  readonly isAlways: boolean;
  readonly #environment: ReturnType<typeof proxyEnvironment>;

  /** @param options - The agent's own. */
  constructor(
    private readonly protocol: 'http:' | 'https:',
    options: object,
    { forcedMode, mode }: Settings,
  ) {
    const runtime = otherRuntime(globalThis as Globals);
    this.isAlways = runtime !== undefined;
    if (runtime !== undefined && (forcedMode ?? mode) !== 'off') warnRuntime(runtime);
    this.#environment = proxyEnvironment(options);
  }

  /** Whether a connection is Node's to open. */
  of(to: ConnectOptions): boolean {
    if (this.isAlways) return true;
    if (!this.#environment || !goesByProxy(this.protocol, this.#environment, to)) return false;
    warnProxied();
    return true;
  }
}
