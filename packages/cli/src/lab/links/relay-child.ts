import { fileURLToPath } from 'node:url';
import { startProcess } from '../processes.js';
import type { RelaySettings } from './relay-process.js';

/** A relay that runs in a process of its own. */
export interface RelayChild {
  /** In the order of the ports of B that they lead to. */
  readonly ports: readonly number[];
  /** Stops carrying; the trace is whole then. */
  end(): Promise<void>;
}

/**
 * Starts a relay.
 *
 * @param prefix - Words of a command that runs it elsewhere, for example in a network namespace.
 */
export async function startRelay(settings: RelaySettings, prefix: readonly string[] = []): Promise<RelayChild> {
  const script = fileURLToPath(new URL('./relay-process.js', import.meta.url));
  const child = startProcess(prefix, process.execPath, [script, JSON.stringify(settings)]);
  const [, ports = ''] = await child.said(/^carrying (.+)$/);
  return {
    ports: JSON.parse(ports) as number[],
    async end() {
      child.kill('SIGTERM');
      await child.ended;
    },
  };
}
