// How a client gets its connections: bare, on Holdline by the line that its guide names, or as bare in a process that
// `holdline/register` was loaded into.
import http from 'node:http';
import https from 'node:https';

const bare = {
  agent(scheme) {
    return scheme === 'http' ? new http.Agent({ keepAlive: true }) : new https.Agent({ keepAlive: true });
  },
  dispatcher: (undici, options = {}) => new undici.Agent(options),
  pool: (undici, origin, options = {}) => new undici.Pool(origin, options),
  /** For the built-in fetch, and what is built on it: nothing, for it has one of its own. */
  forFetch: () => undefined,
  connect: () => undefined,
};

/** Not loaded where it is not asked for: what a bare client sees should be what it sees without. */
async function onHoldline() {
  const { Agent, HttpsAgent } = await import('holdline');
  const { connector, dispatcher } = await import('holdline/undici');
  const undici7 = await import('undici-7');
  return {
    agent: (scheme) => (scheme === 'http' ? new Agent() : new HttpsAgent()),
    dispatcher: (undici, options = {}) => dispatcher(options, undici),
    pool: (undici, origin, options = {}) => new undici.Pool(origin, { ...options, connect: connector() }),
    forFetch: () => dispatcher({}, undici7),
    connect: () => connector(),
  };
}

/** Each arm: what Node is given before the program, and what the program does by itself. */
export const arms = {
  bare: { execArgv: [], make: () => bare },
  holdline: { execArgv: [], make: onHoldline },
  registered: { execArgv: ['--import', 'holdline/register'], make: () => bare },
};
