import type { FromClient, ToClient } from '../protocol.js';

/** A request as the lab asks for it. */
export type Wanted = Extract<ToClient, { readonly type: 'send' }>;

/** What a client is told of a round. */
export interface RoundSettings extends Omit<Extract<ToClient, { readonly type: 'round' }>, 'type'> {
  readonly origin: string;
}

/** An answer whose body was read to its end. */
export type Answer = Pick<Extract<FromClient, { readonly type: 'answered' }>, 'status' | 'body'>;

/** Some requests that may share connections. */
export interface Pool {
  /** Sends a request as a program would; rejects with whatever the client gives. */
  send(wanted: Wanted): Promise<Answer>;
  /** Ends its connections. */
  close(): void;
}

/** *Client*: one file each. It makes pools as a program would that uses it, with keep-alive and else at its defaults. */
export type Adapter = (round: RoundSettings) => Pool;

/** Bare, or on Holdline. */
export type Arm = 'bare' | 'holdline';

/** Holdline's options in a round: what its user knows of B. */
export function holdlineOptions({ origin, honoursKeys, statedIdleLimitMs }: RoundSettings) {
  return {
    origins: {
      [origin]: {
        idempotencyKeys: honoursKeys,
        ...(statedIdleLimitMs !== undefined && { idleLimitMs: statedIdleLimitMs }),
      },
    },
  };
}
