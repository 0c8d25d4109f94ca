import { writeSync } from 'node:fs';
import { type Counts, noCounts } from './line/counts.js';
import type { Mode } from './line/options.js';
import { Origins } from './line/origins.js';
import { type Globals, otherRuntime, warnRuntime } from './line/unsupported.js';
import { hookAgents } from './register/agents.js';
import { holdFetch } from './register/fetch.js';
import { hookServers } from './register/servers.js';
import { readSettings } from './register/settings.js';
import { hookUndici, type MakeConnect } from './register/undici.js';
import type { Connect } from './undici/connect-options.js';
import { connectorAt } from './undici/connector.js';

/** `sysexits.h`: something was found in an unconfigured or misconfigured state. */
const EX_CONFIG = 78;

/** Two copies of Holdline in one program must not put Lines under Lines. */
const REGISTERED = Symbol.for('holdline.registered');

const shared = globalThis as { [REGISTERED]?: Origins | null };
if (shared[REGISTERED] === undefined) shared[REGISTERED] = register();
const registered = shared[REGISTERED];

/**
 * Changes the mode while the program runs; requests that begin from now on follow it.
 *
 * @param origin - Only for this origin, e.g. `'http://billing:3000'`; left out, for all without a mode of their own.
 * @throws TypeError for an unknown mode, or what is not an origin.
 *
 * @example
 * import { setMode } from 'holdline/register';
 *
 * setMode('observe', 'http://billing:3000');
 */
export function setMode(mode: Mode, origin?: string): void {
  registered?.setMode(mode, origin);
}

/**
 * What has happened so far, for metrics. The counts only rise; where a bad setting kept Holdline out, they are 0.
 *
 * @example
 * import { counts } from 'holdline/register';
 *
 * console.log(counts().replays);
 */
export function counts(): Counts {
  return { ...(registered?.counts ?? noCounts()) };
}

/**
 * Puts Holdline under the program, unless it runs on something that is not Node.
 *
 * @returns `null` where a setting is bad: then the program runs as it would without.
 */
function register(): Origins | null {
  try {
    const { clients, servers } = readSettings(process.env, process.cwd());
    const origins = new Origins(clients);
    if (origins.settings.forcedMode === 'off') return origins;
    const runtime = otherRuntime(globalThis as Globals);
    if (runtime !== undefined) {
      warnRuntime(runtime);
      return origins;
    }
    const connect: MakeConnect = (options, onto) => connectorAt(origins, options, onto) as Connect;
    hookAgents(origins);
    holdFetch(connect, hookUndici(connect));
    const { forcedMode, mode } = origins.settings;
    if (servers && (forcedMode ?? mode) !== 'observe') hookServers(servers); // which changes nothing
    return origins;
  } catch (error) {
    const { message } = error as Error;
    if (process.env['HOLDLINE_STRICT'] === '1') {
      writeSync(2, `${message}\n`); // a warning would come too late
      process.exit(EX_CONFIG);
    }
    const warning = { type: 'HoldlineWarning', code: 'HOLDLINE_BAD_SETTING' };
    process.emitWarning(`${message} The program runs without Holdline.`, warning);
    return null;
  }
}
