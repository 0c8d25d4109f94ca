import type { HangUpFacts } from '../src/policy/verdict.js';

/** A plain POST on a reused connection: what only evidence may send again. */
export const POST: HangUpFacts = {
  aborted: false,
  responseStarted: false,
  unsent: false,
  reused: true,
  replayed: false,
  recorded: true,
  modeReplays: true,
  leave: 'safe',
  idempotent: false,
  keyed: false,
  budgetLeft: true,
  evidence: 'unsought',
};

export const GET: HangUpFacts = { ...POST, idempotent: true };
