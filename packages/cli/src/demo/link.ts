import type { Packet } from '../lab/links/trace.js';
import type { Lack } from '../lab/roles.js';
import type { Child } from './child.js';
import type { Target } from './protocol.js';

/** What joins A to B. */
export interface Link {
  /** `packets`: the delay covers every packet. `relay`: a process in between delays bytes and FINs. */
  readonly kind: 'packets' | 'relay';
  /** How long the link carries a packet, one way, in ms. */
  readonly delayMs: number;
  /** Why it is not a link of packets; undefined if it is. */
  readonly lack?: Lack;
  /** Where B has to listen. */
  readonly serverHost: string;
  /** Starts a process on A's side. */
  startA<To, From extends { readonly type: string }>(name: string, script: string): Child<To, From>;
  /** Starts a process on B's side. */
  startB<To, From extends { readonly type: string }>(name: string, script: string): Child<To, From>;
  /** Joins A to these ports of B; where A finds each, in their order. */
  connect(ports: readonly number[]): Promise<Target[]>;
  /** Stops carrying; what was carried, with B's own ports. */
  stop(): Promise<Packet[]>;
  /** Removes all that the link made, whatever state it is in. */
  remove(): Promise<void>;
}
