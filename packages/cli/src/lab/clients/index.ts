import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClientSpec, Lack } from '../roles.js';
import type { Arm } from './adapter.js';
import { type BuiltInId, builtIn } from './built-in.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

/** agentkeepalive is an agent itself: Holdline takes its place, and that is the row of `http.Agent` on Holdline. */
const ONLY_BARE: readonly BuiltInId[] = ['agentkeepalive'];
/** What of a client is not as it comes, besides keep-alive. */
const UNLIKE_ITS_DEFAULTS: Readonly<Record<string, string>> = {
  'axios-retry-holdline': 'retryCondition: isIdempotentRequestError',
};

/** All clients that the lab brings along, each bare and then on Holdline. */
export const clients: readonly ClientSpec[] = (Object.keys(builtIn) as BuiltInId[]).flatMap((id) => [
  specOf(id, 'bare'),
  ...(ONLY_BARE.includes(id) ? [] : [specOf(id, 'holdline')]),
]);

/** Any command that speaks the line protocol, as one more client. */
export function scriptClient(command: string): ClientSpec {
  const words = command.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0)
    throw new RangeError(`the command of a script client is empty, expected e.g. 'python3 client.py'`);
  return { id: 'script', title: words.map((word) => basename(word)).join(' '), command: words };
}

function specOf(bareId: BuiltInId, arm: Arm): ClientSpec {
  const { title, packages } = builtIn[bareId];
  const id = arm === 'bare' ? bareId : `${bareId}-holdline`;
  const besides = UNLIKE_ITS_DEFAULTS[id];
  const needed = arm === 'holdline' && ['fetch', 'ky'].includes(bareId) ? [...packages, 'undici'] : packages;
  return {
    id,
    title: `${title}${arm === 'bare' ? '' : ' on Holdline'}${besides ? ` (${besides})` : ''}`,
    ...(arm === 'holdline' && { bareId }),
    command: [process.execPath, MAIN, bareId, arm],
    lack: async () => lackOf(needed),
  };
}

function lackOf(packages: readonly string[]): Lack | undefined {
  const { resolve } = createRequire(import.meta.url);
  const missing = packages.filter((name) => {
    try {
      return !resolve(name);
    } catch {
      return true;
    }
  });
  if (missing.length === 0) return undefined;
  return { what: `the package ${missing.join(' and ')} is not installed`, remedy: `npm install ${missing.join(' ')}` };
}
