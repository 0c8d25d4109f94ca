import { BlockList, isIPv4 } from 'node:net';
import type { ConnectOptions } from '../line/dial.js';
import { warnUnsupported } from '../line/unsupported.js';

/** Environment variables, of which those for proxies are read. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment whose proxies an agent of Node's will use: the option `proxyEnv`; without it the process's own, where
 * the process was told to use that (`NODE_USE_ENV_PROXY=1` or `--use-env-proxy`, Node 22.21 and 24.5). Node then has its
 * global agent do so, and an agent in its place must not pass by the proxy in silence.
 */
export function proxyEnvironment(options: object): Environment | undefined {
  const common = isProcessProxied(process) ? process.env : undefined;
  const environment = 'proxyEnv' in options ? options.proxyEnv : common;
  // asked last, for Node makes that list when it is first asked for
  return environment && isNodeAware() ? (environment as Environment) : undefined;
}

/** Whether the process was told to use the proxies of its environment. */
export function isProcessProxied(told: { readonly env: Environment; readonly execArgv: readonly string[] }): boolean {
  const flags = [...told.execArgv, ...(told.env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  return told.env['NODE_USE_ENV_PROXY'] === '1' || flags.includes('--use-env-proxy');
}

/**
 * Whether Node will open a connection through a proxy, by the rules by which it does so: then it is Node's to open.
 *
 * @see https://nodejs.org/api/http.html#built-in-proxy-support
 */
export function goesByProxy(protocol: 'http:' | 'https:', environment: Environment, to: ConnectOptions): boolean {
  const name = protocol === 'http:' ? 'http_proxy' : 'https_proxy';
  const proxy = environment[name] || environment[name.toUpperCase()] || '';
  if (!/^https?:\/\//.test(proxy) || to.socketPath) return false;
  const host = (to.host ?? 'localhost').toLowerCase();
  const port = to.port === undefined ? '' : String(to.port);
  const exempt = environment['no_proxy'] || environment['NO_PROXY'];
  const entries = exempt ? exempt.split(',').map((entry) => entry.trim().toLowerCase()) : [];
  return !entries.some((entry) => matches(entry, host, port));
}

/** Tells that connections go through a proxy without a Line. */
export function warnProxied(): void {
  warnUnsupported(
    'proxy',
    'the proxy of the environment (NODE_USE_ENV_PROXY or proxyEnv) is used by sockets that Node opens itself, so there is ' +
      'no Line: connections through it hang up as without Holdline. Let a proxy agent open them (docs/guides/clients.md, ' +
      '"Behind a proxy"), name origins that need no proxy in NO_PROXY, or go past the proxy with proxyEnv: {}.',
  );
}

/** Node older than 22.21 does not know `proxyEnv` either, so nothing goes through a proxy there. */
function isNodeAware(): boolean {
  return process.allowedNodeEnvironmentFlags.has('--use-env-proxy');
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*' || entry === host || (port !== '' && entry === `${host}:${port}`)) return true;
  if (entry.startsWith('.') && (host === entry.slice(1) || host.endsWith(entry))) return true;
  if (entry.startsWith('*.') && host.endsWith(entry.slice(1))) return true;
  return isInRange(entry, host);
}

/** Such as `192.168.1.0-192.168.1.255`. */
function isInRange(entry: string, host: string): boolean {
  const [first = '', last = ''] = entry.split('-').map((part) => part.trim());
  if (![first, last, host].every(isIPv4)) return false;
  const range = new BlockList();
  try {
    range.addRange(first, last);
  } catch {
    return false; // the wrong way round
  }
  return range.check(host);
}
