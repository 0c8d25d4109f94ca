// Who is measured; agents.mjs makes the agents, dispatchers.mjs the dispatchers. To which arm the ratios of a cell are, the
// cell says.

const names = {
  node: 'http.Agent',
  request: 'undici.request',
  dispatch: 'undici dispatch',
  fetch: 'built-in fetch',
  // The base arm of the cell once more: what its ratio is off 1 is noise.
  again: 'the same again',
  raw: 'raw socket',
  duplex: 'bare Duplex',
  keepalive: 'agentkeepalive',
  retryAgent: 'RetryAgent',
  on: 'Holdline on',
  cutoff: 'Holdline cutoff',
  observe: 'Holdline observe',
  off: 'Holdline off',
  connector: 'Holdline connector',
  dispatcher: 'Holdline dispatcher',
  bare: 'http.Server',
  hardened: 'hardened',
};

export const agentArms = ['node', 'again', 'duplex', 'keepalive', 'on', 'cutoff', 'observe', 'off'];

/** The arms whose ratios are committed, and checked against what was committed. */
export const ownArms = ['on', 'cutoff', 'observe', 'off', 'connector', 'dispatcher', 'hardened'];

/** In a quick run only these of them, beside what they are compared with. */
export const keyArms = ['on', 'dispatcher', 'hardened'];

/** @returns What people call the arm. */
export function nameOf(arm) {
  return names[arm];
}
