/** `@holdline/cli/probe`: measures when servers close idle connections, and says what it means. */
export type { Client, HintRule, OwnRetries, Snippet, SnippetFacts } from '../knowledge/client.js';
export { keepsForMs } from '../knowledge/client.js';
export { clientOf, clients } from '../knowledge/clients.js';
export type { Clock, Instant } from './clock.js';
export type { ProbeEvent } from './events.js';
export type { Failure, FailureCode } from './failure.js';
export type { ClientVerdict, DangerWindow } from './judge/advice.js';
export type { Cluster } from './judge/clusters.js';
export { explanations, type FindingId } from './judge/explanations.js';
export { type Expected, expectedHangUps, type Traffic } from './judge/hang-ups.js';
export { judge } from './judge/judge.js';
export type { AddressReport, Limit } from './judge/limit.js';
export type { Finding, Outcome, Questions, Report, Severity } from './judge/report.js';
export type {
  AddressObservation,
  CloseWay,
  Ending,
  Greeting,
  Http2Observation,
  Observation,
  RequestCount,
  Role,
  Sample,
} from './observation.js';
export type { ProbeOptions, World } from './options.js';
export { probe } from './probe.js';
export type { Proxy, TargetOptions } from './target.js';
export type { Dial, Route, TlsRoute, Wire, WireEnd, WireFacts, WireListener } from './wire.js';
