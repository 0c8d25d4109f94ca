import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningServer, ServerContext, ServerProcess } from '../roles.js';
import { findCommand } from './commands.js';
import { end, LOOPBACK, nodeApp, type Started, startBehindProxy, supervise } from './own-app.js';

/** A port of a proxy, and the port of our program that it leads to. */
export interface Mapping {
  readonly client: string;
  readonly port: number;
  /** As `host:port`. */
  readonly upstream: string;
}

/** A program that stands in front of ours. */
export interface Proxy {
  readonly version: () => Promise<string>;
  readonly configName: string;
  config(context: ServerContext, mappings: readonly Mapping[]): string;
  /** The command, and its words for a configuration. */
  command(configPath: string, context: ServerContext): readonly [command: string, ...words: string[]];
}

/** Between finding a port free and opening it somebody else may take it. */
const ATTEMPTS = 3;

/** Starts a proxy with a configuration that is written for it, and our program behind it. */
export async function startProxy(proxy: Proxy, context: ServerContext): Promise<RunningServer> {
  const version = await proxy.version();
  const app = await startBehindProxy(context);
  try {
    const front = await startFront(proxy, context, app.ports);
    return {
      version,
      ports: front.ports,
      restart: () => front.restart(),
      pause() {
        front.pause();
        app.pause();
      },
      resume() {
        app.resume();
        front.resume();
      },
      async stop() {
        await front.stop();
        await app.stop();
      },
    };
  } catch (error) {
    await app.stop();
    throw error;
  }
}

async function startFront(proxy: Proxy, context: ServerContext, upstreams: Readonly<Record<string, number>>) {
  for (let attempt = 1; ; attempt++) {
    const ports = await freePorts(context);
    const mappings = context.clients.map((client, index): Mapping => {
      return { client, port: ports[index] ?? 0, upstream: `${LOOPBACK}:${upstreams[client]}` };
    });
    const configPath = join(context.directory, proxy.configName);
    writeFileSync(configPath, proxy.config(context, mappings));
    const start = async (): Promise<Started> => {
      const [command = '', ...words] = [...endingWithLab(), ...proxy.command(configPath, context)];
      const process = context.spawn(command, words);
      await untilOpen(context, process, ports);
      return { process, ports: Object.fromEntries(mappings.map(({ client, port }) => [client, port])) };
    };
    try {
      return await supervise(start);
    } catch (error) {
      if (attempt === ATTEMPTS || !/in use/i.test(String(error))) throw error;
    }
  }
}

/** Our own programs see the lab end by their stdin; others need Linux for it. */
function endingWithLab(): readonly string[] {
  return findCommand('setpriv') === undefined ? [] : ['setpriv', '--pdeathsig', 'KILL'];
}

async function freePorts(context: ServerContext): Promise<readonly number[]> {
  const helper = nodeApp('ports.js');
  const process = context.spawn(helper.command, [
    ...helper.words,
    'free',
    context.host,
    String(context.clients.length),
  ]);
  const [, ports = ''] = await process.said(/^free (.+)$/);
  return JSON.parse(ports) as number[];
}

/** Resolves once the proxy listens, on all ports; rejects with what it said if it has ended. */
async function untilOpen(context: ServerContext, proxy: ServerProcess, ports: readonly number[]): Promise<void> {
  const helper = nodeApp('ports.js');
  const looking = context.spawn(helper.command, [...helper.words, 'await', context.host, ...ports.map(String)]);
  // It says nothing of what it will never say, but it may end.
  const failed = proxy.said(NEVER_SAID);
  try {
    await Promise.race([looking.said(/^open$/), failed]);
  } catch (error) {
    failed.catch(() => {});
    await Promise.all([end(looking), end(proxy)]);
    throw error;
  }
  failed.catch(() => {});
}

const NEVER_SAID = /^(?!)/;
