import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { runProbe } from '../probe/command.js';
import { explain, explanations } from '../probe/judge/explanations.js';
import { clientIds } from '../probe/report/wording.js';
import { wrap } from '../terminal/text.js';
import { durationOf, integerOf } from './arguments.js';
import { interruptible } from './interruptible.js';

interface Options {
  readonly answerTimeout?: number;
  readonly ca?: string;
  readonly client?: string;
  readonly clientIdle?: number;
  readonly connections: number;
  readonly expect?: number;
  readonly explain?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly http2: boolean;
  readonly insecure?: boolean;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly maxRequests: number;
  readonly maxWait: number;
  readonly method?: string;
  readonly path?: string;
  readonly pool: number;
  readonly proxy?: string;
  readonly refine: number;
  readonly requestLimit: number;
  readonly resolve?: readonly string[];
  readonly sni?: string;
  readonly traffic?: number;
  readonly unixSocket?: string;
}

const EXAMPLES = `
Examples:
  holdline probe https://api.example.com
  holdline probe localhost:3000 --client got
  holdline probe https://api.example.com --expect 60s --client-idle 30s
  holdline probe --explain silent-drop

Exit status: 0 in order, 1 a mismatch with --expect or --client-idle,
2 could not be measured.`;

/** `holdline probe`: a server's real idle limit, and what a client should be set to. */
export function probeCommand(): Command {
  const command = new Command('probe');
  return command
    .description('Measure after what idle time a server closes connections, and what to set clients to.')
    .argument('[url...]', 'what to probe, all at the same time')
    .option('--client <name>', 'give the code to paste for this client', clientOf)
    .option('--expect <time>', 'the idle limit that the server should have, as in 60s', durationOf)
    .option('--client-idle <time>', 'how long your client keeps idle connections', durationOf)
    .option('--traffic <rate>', 'requests in a second, to foretell hang-ups for', numberOf)
    .option('--pool <number>', 'connections that this traffic goes over', wholeOf, 10)
    .addOption(
      new Option('--max-wait <time>', 'the longest idle time to wait for')
        .argParser(durationOf)
        .default(130_000, '130s'),
    )
    .option('--connections <number>', 'connections held to each address', wholeOf, 16)
    .option('--refine <number>', 'look again, so many times, at a limit that does not show itself', wholeOf, 0)
    .option('--max-requests <number>', 'send up to so many requests on one connection', wholeOf, 0)
    .option('--request-limit <number>', 'requests to each address at most, besides those', wholeOf, 100)
    .option('--answer-timeout <time>', 'how long an answer may take', durationOf)
    .option('--method <method>', 'default: HEAD, and GET where that is refused')
    .option('--path <path>', 'in place of that of the URL')
    .option('--header <header>', "as in 'Name: value'; may be repeated", headerOf)
    .option('--resolve <host:port:address>', 'an address in place of DNS; may be repeated', listOf)
    .option('--sni <name>', 'the name for TLS, in place of the host')
    .option('--unix-socket <path>', 'connect to this socket, in place of host and port')
    .option('--proxy <url>', "go through this proxy's CONNECT")
    .option('--insecure', 'take any certificate')
    .option('--ca <file>', 'trust the authorities in this file, too', fileOf)
    .option('--no-http2', 'leave HTTP/2 alone')
    .option('--explain <id>', 'say what a finding means, and stop')
    .addOption(new Option('--json', 'print one JSON object and nothing else').conflicts('markdown'))
    .option('--markdown', 'print Markdown, for a ticket')
    .addHelpText('after', EXAMPLES)
    .action(async (urls: string[], options: Options) => {
      if (options.explain !== undefined) return printExplanation(options.explain, command);
      if (urls.length === 0)
        command.error("error: missing argument 'url': expected a URL, as in https://api.example.com");
      await interruptible((signal) => runProbe(requestOf(urls, options), signal)).catch((error: unknown) => {
        // What cannot be used is bad usage.
        if (error instanceof RangeError) command.error(`error: ${error.message}`);
        throw error;
      });
    });
}

function requestOf(urls: readonly string[], options: Options): Parameters<typeof runProbe>[0] {
  const {
    answerTimeout,
    ca,
    client,
    clientIdle,
    expect,
    header,
    method,
    path,
    proxy,
    resolve,
    sni,
    traffic,
    unixSocket,
  } = options;
  return {
    urls,
    output: options.json ? 'json' : options.markdown ? 'markdown' : 'screen',
    ...(client !== undefined && { client }),
    questions: {
      ...(expect !== undefined && { expectMs: expect }),
      ...(clientIdle !== undefined && { clientIdleMs: clientIdle }),
      ...(traffic !== undefined && { traffic: { perSecond: traffic, connections: options.pool } }),
    },
    probe: {
      maxWaitMs: options.maxWait,
      connections: options.connections,
      requestLimit: options.requestLimit,
      countRequests: options.maxRequests,
      refine: options.refine,
      insecure: options.insecure ?? false,
      http2: options.http2,
      ...(answerTimeout !== undefined && { answerTimeoutMs: answerTimeout }),
      ...(ca !== undefined && { ca }),
      ...(header && { headers: header }),
      ...(method !== undefined && { method }),
      ...(path !== undefined && { path }),
      ...(proxy !== undefined && { proxy }),
      ...(resolve && { resolve }),
      ...(sni !== undefined && { sni }),
      ...(unixSocket !== undefined && { socketPath: unixSocket }),
    },
  };
}

function printExplanation(id: string, command: Command): void {
  const text = explain(id);
  if (text === undefined) {
    const known = wrap(Object.keys(explanations).join(', ')).join('\n');
    return command.error(`error: no finding is called '${id}'. These are:\n${known}`);
  }
  process.stdout.write(`\n  ${id}\n\n${wrap(text).join('\n')}\n\n`);
}

function clientOf(text: string): string {
  if (!clientIds.includes(text)) throw new InvalidArgumentError(`Expected one of: ${clientIds.join(', ')}.`);
  return text;
}

function numberOf(text: string): number {
  const number = Number(text);
  if (!(number > 0) || !Number.isFinite(number)) throw new InvalidArgumentError('Expected a number above 0.');
  return number;
}

function wholeOf(text: string): number {
  return integerOf(text, 0);
}

function headerOf(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const colon = text.indexOf(':');
  if (colon <= 0) throw new InvalidArgumentError("Expected 'Name: value'.");
  return { ...before, [text.slice(0, colon).trim()]: text.slice(colon + 1).trim() };
}

function listOf(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function fileOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new InvalidArgumentError(`It cannot be read: ${(error as Error).message}.`);
  }
}
