import type { Random } from '../random.js';
import type { ConnectionRecord, HistoryRecord } from './records.js';

// The roles of the lab. A round puts some clients side by side before one server, over one link, under one fault, and
// gives each the same traffic. Each role has one file for each member, in a folder of its own.

/** What a request is to whoever may have to send it again. */
export type Kind = 'GET' | 'POST' | 'keyed POST';

/** One request of one caller. */
export interface Step {
  /** Names the request in the history and in the ledger; the same for every client of a round. */
  readonly id: string;
  readonly kind: Kind;
  /** How long the caller waits after its last answer or error before it sends this request, in ms. */
  readonly gapMs: number;
  /** The bytes of its body; a GET has none. */
  readonly bodyBytes: number;
  /** What B is to do with it besides, once: filled in by the fault, and sent to B in a header. */
  readonly directive?: Directive;
}

/** A caller in A: it sends one request after the other and waits a little in between. */
export interface Caller {
  /** When its first request leaves, in ms after the start. */
  readonly startMs: number;
  readonly steps: readonly Step[];
}

/** *Workload*: draws traffic. Pure: the same settings and seed give the same callers. */
export interface Workload<Options> {
  readonly id: string;
  draw(options: Options, settings: WorkloadSettings, random: (stream: number) => Random): readonly Caller[];
}

/** What every workload is told. */
export interface WorkloadSettings {
  readonly callers: number;
  /** No request is planned to leave later than this after the start, in ms. */
  readonly durationMs: number;
  /** The most requests in all; a run is bounded in count and time. */
  readonly maxRequests: number;
  /** The shares of GET, POST and keyed POST; they add up to 1. */
  readonly mix: Readonly<Record<Kind, number>>;
  /** The idle time after which B closes, where the round has one, in ms: some workloads aim at it. */
  readonly idleLimitMs?: number;
  /** Both ways of the link together, in ms. */
  readonly roundTripMs: number;
}

/**
 * What B does with one request besides executing it; at most once for an id, whichever process of B gets it, so that a
 * replay or retry of it meets a B that is well.
 */
export type Directive =
  | {
      readonly do: 'crash';
      /** The moment: before the ledger's entry, after it and before the answer, or amid the answer. */
      readonly when: 'before' | 'after' | 'during';
      /** The process exits, or only the connection ends by a FIN or a RST. */
      readonly by: 'exit' | 'fin' | 'reset';
    }
  | { readonly do: 'stall'; readonly forMs: number }
  /** Answers when only the head is there. With a status of 400 or above it executes nothing. */
  | { readonly do: 'answer-early'; readonly status: number }
  | { readonly do: 'split-answer'; readonly at: number; readonly pauseMs: number }
  /** Half-closes a connection that is idle this long after the answer, and reads on for a while without executing. */
  | { readonly do: 'close-slowly'; readonly afterMs: number; readonly forMs: number }
  | { readonly do: 'close-idle'; readonly afterMs: number; readonly by: 'fin' | 'reset' | '408' };

/**
 * *Client*: sends requests as a program would that uses it. It runs in a process of its own and speaks the line protocol
 * of `protocol.ts`, as any script of a user's may; this is how the lab starts it.
 */
export interface ClientSpec {
  readonly id: string;
  /** What tables call it. */
  readonly title: string;
  /** The same client without Holdline, or on it; `undefined` for one that has nothing to do with it. */
  readonly bareId?: string;
  /** The command and its words. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What is missing on this machine, if anything. */
  lack?(): Promise<Lack | undefined>;
}

/** What keeps this machine from something, and what would help. One line each. */
export interface Lack {
  readonly what: string;
  readonly remedy: string;
}

/** *Server*: a B that executes what it is asked and writes it to the ledger before it answers. */
export interface ServerSpec {
  readonly id: string;
  readonly title: string;
  /** Whether it obeys directives (those of our own code do; a proxy passes them on). */
  readonly obeys: readonly Directive['do'][];
  /** Whether it closes a connection after `maxRequestsPerConnection`. */
  readonly countsRequests: boolean;
  lack?(): Promise<Lack | undefined>;
  start(context: ServerContext): Promise<RunningServer>;
}

/** What a server is started with. */
export interface ServerContext {
  /** One port for each client, so that ledger and link know whose request it was. */
  readonly clients: readonly string[];
  /** Where it has to listen. */
  readonly host: string;
  /** The ledger to append to. */
  readonly ledgerPath: string;
  /** For its configuration, sockets and logs; removed afterwards. */
  readonly directory: string;
  /** The idle time after which it closes, in ms; `undefined` for never in this round. */
  readonly idleLimitMs?: number;
  readonly maxRequestsPerConnection?: number;
  /** Whether its answers carry the `Keep-Alive` hint, where it can be chosen. */
  readonly hint: boolean;
  /** Starts a process on B's side of the link. */
  spawn(command: string, words: readonly string[], env?: Readonly<Record<string, string>>): ServerProcess;
}

/** A process of B's. */
export interface ServerProcess {
  readonly pid: number;
  /** Resolves once it has printed a line that fits. */
  said(pattern: RegExp): Promise<RegExpMatchArray>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
}

/** A server that runs. */
export interface RunningServer {
  /** B's port for each client. */
  readonly ports: Readonly<Record<string, number>>;
  /** What it is, for the summary: `nginx/1.22.1`. */
  readonly version: string;
  /** Ends its processes as a deployment would (SIGTERM) and starts them again on the same ports. */
  restart(): Promise<void>;
  /** SIGSTOP and SIGCONT to all its processes. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** *Fault*: what goes wrong in a round. One file each. */
export interface Fault {
  readonly id: string;
  readonly title: string;
  /** What B must obey, and whether only a link of packets can carry it out. */
  readonly needs?: { readonly directives?: readonly Directive['do'][]; readonly packets?: boolean };
  /** The idle time after which the server closes by itself, in ms; left out: it does not. */
  readonly idleLimitMs?: number;
  readonly maxRequestsPerConnection?: number;
  /** What the link does. */
  readonly link?: LinkRules;
  /** What B is told to do with a request. */
  directive?(step: Step, random: Random): Directive | undefined;
  /** What happens by itself while the round runs, until the signal. */
  happen?(world: World, random: Random, signal: AbortSignal): Promise<void>;
}

/** What a fault may do to a round that runs. Each deed is written to the history. */
export interface World {
  readonly server: Pick<RunningServer, 'restart' | 'pause' | 'resume'>;
  /** Stalls the event loop of every client, in ms. */
  stallClients(forMs: number): void;
  /** Resolves after a time, or at once when the round ends. */
  sleep(ms: number): Promise<void>;
  tell(deed: string): void;
}

/** What a link does with every connection; all times in ms. The defaults do nothing. */
export interface LinkRules {
  /** One way. */
  readonly delayMs?: number;
  /** Up to this much more, drawn anew for each packet or chunk, in order. */
  readonly jitterMs?: number;
  /** Ends a connection that was idle this long, as B would. */
  readonly closeIdleMs?: number;
  /** How it does so. Default `'fin'`. */
  readonly closeBy?: 'fin' | 'reset' | '408';
  /** Forgets a connection that was idle this long: what comes later is dropped without a word, as by a NAT. */
  readonly dropIdleMs?: number;
  /** A connection is half-closed by B's side at this idle time, and stays so. */
  readonly halfCloseIdleMs?: number;
  /** The FIN of either side is held back this long. */
  readonly delayFinMs?: number;
  /** Answers are cut in two at this byte, a pause between. */
  readonly splitAt?: number;
  readonly splitPauseMs?: number;
  /** B closes a connection that has carried so many requests, without saying so, as soon as the last is answered. */
  readonly maxRequests?: number;
}

/** *Link*: joins A to B. `relay` works everywhere; `packets` delays SYN, FIN and RST too. */
export interface Link {
  readonly kind: 'relay' | 'packets';
  /** Where B has to listen. */
  readonly serverHost: string;
  /** The words that run a command on a side. */
  on(side: 'A' | 'B'): readonly string[];
  /** Joins A to B's ports; where A finds each client's. */
  connect(ports: Readonly<Record<string, number>>, rules: LinkRules): Promise<Readonly<Record<string, Address>>>;
  /** Stops carrying; what was carried. */
  stop(): Promise<readonly ConnectionRecord[]>;
  /** Removes all that it made, whatever state it is in. */
  remove(): Promise<void>;
}

/** Where something listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where a round's history goes as it happens: each record is in the kernel's hands before the call returns. */
export type Recorder = (record: HistoryRecord) => void;
