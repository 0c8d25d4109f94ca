import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Cancel } from './machine.js';

/** On which Node and undici tell of the head of each response. */
const RESPONSES = ['http.client.response.finish', 'undici:request:headers'];

const watches = new Set<() => void>();

function hear(message: unknown): void {
  const { response } = message as { response?: { statusCode?: number } };
  const status = response?.statusCode ?? 0;
  if (status >= 300 && status < 400 && status !== 304) for (const seen of watches) seen();
}

/**
 * Watches the process for redirects. A client that follows one makes a second request: that *it* was refused a
 * connection says nothing of the first one, which may have been executed. Whose redirect it was cannot be told, so
 * each counts for all who watch.
 *
 * @param seen - Is told of each redirect.
 * @returns Ends the watch.
 */
export function watchRedirects(seen: () => void): Cancel {
  const watch = () => seen();
  if (watches.size === 0) for (const name of RESPONSES) subscribe(name, hear);
  watches.add(watch);
  return () => {
    if (watches.delete(watch) && watches.size === 0) for (const name of RESPONSES) unsubscribe(name, hear);
  };
}
