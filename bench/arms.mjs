// Who is measured; agents.mjs makes their agents.

/** The arm to which all ratios are. */
export const BASE = 'node';

const names = {
  node: 'http.Agent',
  // The same once more: what its ratio is off 1 is noise.
  again: 'http.Agent again',
  duplex: 'bare Duplex',
  keepalive: 'agentkeepalive',
  on: 'Holdline on',
  cutoff: 'Holdline cutoff',
  observe: 'Holdline observe',
  off: 'Holdline off',
};

export const arms = Object.keys(names);

/** The arms whose ratios are committed, and checked against what was committed. */
export const ownArms = ['on', 'cutoff', 'observe', 'off'];

/** In a quick run only those that a goal speaks of. */
export const keyArms = [BASE, 'keepalive', 'on'];

/** @returns What people call the arm. */
export function nameOf(arm) {
  return names[arm];
}
