import type * as undici7 from 'undici7';
import type { Dispatcher } from 'undici7';
import { expect, onTestFinished, test } from 'vitest';
import { type RetryInterceptorOptions, retryInterceptor } from '../../../src/retry/index.js';

/** What is used of an undici. Those of 7 stand for all: each that is tested behaves so. */
export type Undici = Pick<
  typeof undici7,
  'Agent' | 'request' | 'stream' | 'pipeline' | 'fetch' | 'Request' | 'FormData'
>;

/** Each undici that this Node can load, by its name. */
export async function undicis(): Promise<ReadonlyMap<string, Undici>> {
  const known = new Map<string, Undici>([['undici 7', await import('undici7')]]);
  if (loadsUndici8()) known.set('undici 8', (await import('undici8')) as unknown as Undici);
  return known;
}

/** On a Node that undici 8 was not made for there is nothing else to test of it. */
export function testThatUndici8DoesNotLoad(): void {
  if (loadsUndici8()) return;
  test(`undici 8 is not for Node ${process.versions.node}: it does not load`, async () => {
    await expect(import('undici8')).rejects.toThrow(TypeError);
  });
}

function loadsUndici8(): boolean {
  return Number(process.versions.node.split('.')[0]) >= 22;
}

/** What a test's requests go through: an agent with one connection to each origin, that retries soon. */
export function retrying(undici: Undici, options: RetryInterceptorOptions = {}, agent: object = {}): Dispatcher {
  const plain = new undici.Agent({ connections: 1, ...agent });
  onTestFinished(() => plain.destroy());
  return plain.compose(retryInterceptor({ baseDelayMs: 1, ...options }));
}

/** The agent behind the built-in fetch, which is made when fetch is first used. */
export async function builtInAgent(): Promise<Dispatcher> {
  await fetch('data:,');
  const at = (number: number) => Reflect.get(globalThis, Symbol.for(`undici.globalDispatcher.${number}`)) as Dispatcher;
  // on a Node with undici 8 the first is a wrapper of the second, for older undicis
  return at(2) ?? at(1);
}
