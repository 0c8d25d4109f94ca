export { Agent, type AgentOptions } from './agent/agent.js';
export { HttpsAgent, type HttpsAgentOptions } from './agent/https-agent.js';
export {
  channels,
  type FaultEvent,
  type HangUpEvent,
  type HangUpSign,
  type LetGoEvent,
  type LetGoReason,
  type ReplayEvent,
  type RetryEvent,
} from './events/channels.js';
export type { HangUp } from './events/hang-up.js';
export { HangUpError, isHangUpError } from './events/hang-up-error.js';
export type { Counts } from './line/counts.js';
export type { HoldlineOptions, Mode, OriginOptions } from './line/options.js';
export type { BudgetLimits } from './policy/budget.js';
export type { Evidence } from './policy/evidence.js';
export type { RetryReason, StopReason } from './policy/retry.js';
export type { Reason, ReplayLeave } from './policy/verdict.js';
