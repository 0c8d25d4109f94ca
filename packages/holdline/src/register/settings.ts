import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail, onlyKnown } from '../checks.js';
import { type HoldlineOptions, settle } from '../line/options.js';
import { areServersHeld, checkServerOptions, type ServerOptions } from './server-options.js';

/** All that a program without a line of Holdline's can be told: of its clients, and of its servers. */
type Options = HoldlineOptions & ServerOptions;
type Option = keyof Options;
type Environment = Readonly<Record<string, string | undefined>>;

/** How each option is read from a variable. */
const READ: Readonly<Record<Option, (text: string, variable: string) => unknown>> = {
  mode: asWord,
  maxIdleMs: asNumber,
  marginMs: (text) => (text === 'auto' ? text : asNumber(text)),
  unknownIdleLimitMs: asNumber,
  replay: asWord,
  replayBufferBytes: asNumber,
  replayConnectTimeoutMs: asNumber,
  budget: asJson,
  origins: asJson,
  behind: asWord,
  clientIdleMs: asNumber,
  drain: asJson,
};
const OPTIONS = Object.keys(READ) as Option[];

/** Variables that are no options: the mode above all others, and whether a bad setting ends the program. */
const OTHERS = ['HOLDLINE', 'HOLDLINE_STRICT'];

const FILE_NAME = 'holdline.config.json';

/** What the settings say of the program's clients, and of its servers, if it is to take hold of those. */
export interface ProgramSettings {
  readonly clients: HoldlineOptions;
  readonly servers: ServerOptions | undefined;
}

/**
 * The settings of a program: of its environment (`HOLDLINE_MAX_IDLE_MS=30000`), else of the nearest
 * `holdline.config.json`, from the working directory upwards.
 *
 * @throws Error that names the variable or the file, the value, and what is allowed.
 */
export function readSettings(environment: Environment, directory: string): ProgramSettings {
  const { behind, clientIdleMs, drain, ...clients } = { ...fromFile(directory), ...fromEnvironment(environment) };
  settle(clients, environment); // of the mode above all others, too
  const servers = {
    ...(behind && { behind }),
    ...(clientIdleMs !== undefined && { clientIdleMs }),
    ...(drain !== undefined && { drain }),
  };
  return { clients, servers: areServersHeld(servers) ? servers : undefined };
}

function check({ behind, clientIdleMs, drain, ...clients }: Options): void {
  settle(clients, {});
  checkServerOptions({ behind, clientIdleMs, drain } as ServerOptions);
}

/** `maxIdleMs` is `HOLDLINE_MAX_IDLE_MS`. */
function variableOf(option: string): string {
  return `HOLDLINE_${option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

function fromEnvironment(environment: Environment): Options {
  const known = new Map(OPTIONS.map((option) => [variableOf(option), option]));
  const settings: Partial<Record<Option, unknown>> = {};
  for (const [variable, text] of Object.entries(environment)) {
    if (!/^HOLDLINE(_|$)/.test(variable) || text === undefined || text === '' || OTHERS.includes(variable)) continue;
    const option = known.get(variable);
    if (!option) fail(variable, text, `only ${[...known.keys(), ...OTHERS].join(', ')}`);
    const value = READ[option](text, variable);
    from(variable, () => check({ [option]: value }));
    settings[option] = value;
  }
  return settings as Options;
}

function fromFile(directory: string): Options {
  for (let at = directory; ; at = dirname(at)) {
    const path = join(at, FILE_NAME);
    const text = textOf(path);
    if (text !== undefined) return from(path, () => settingsIn(text));
    if (at === dirname(at)) return {};
  }
}

function settingsIn(text: string): Options {
  const settings: unknown = JSON.parse(text);
  onlyKnown('options', settings, [...OPTIONS, '$schema']);
  check(settings);
  return settings;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Error(`Holdline: ${message}`, { cause: error });
  }
}

/** Lets an error say where the bad setting stands. */
function from<Result>(place: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`Holdline: in ${place}: ${message.replace(/^Holdline: /, '')}`, { cause: error });
  }
}

function asWord(text: string): string {
  return text;
}

/** What is no number stays text, so that the check of the option can name it. */
function asNumber(text: string): number | string {
  return /^\s*(\d+(\.\d+)?|Infinity)\s*$/.test(text) ? Number(text) : text;
}

function asJson(text: string, variable: string): unknown {
  return from(variable, () => JSON.parse(text) as unknown);
}
