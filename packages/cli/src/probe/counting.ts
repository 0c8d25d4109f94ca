import { type Ground, ProbeConnection } from './connection.js';
import type { RequestCount } from './observation.js';

/** Sends requests on one connection, one after another, until the server ends it or as many as asked for were answered. */
export function countRequests(
  id: number,
  ground: Ground,
  most: number,
): { readonly done: Promise<RequestCount | undefined>; readonly stop: () => void } {
  let served = 0;
  let connection: ProbeConnection | undefined;
  const done = new Promise<RequestCount | undefined>((resolve) => {
    connection = new ProbeConnection(id, 'counting', ground, {
      idle: ({ keepsOpen }) => {
        served++;
        if (keepsOpen && served < most) connection?.reuse(ground.firstAnswerMs);
        else if (keepsOpen) connection?.stop();
      },
      settled: ({ ending }) => {
        if (ending.kind === 'announced') resolve({ served, endedBy: 'announced' });
        else if (ending.kind === 'hung-up' || ending.kind === 'closed') resolve({ served, endedBy: ending.by });
        else if (served === most) resolve({ served, endedBy: 'asked' });
        else resolve(undefined);
      },
    });
  });
  return { done, stop: () => connection?.stop() };
}
