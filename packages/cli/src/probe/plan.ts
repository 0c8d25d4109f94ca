/** Which connections a round opens. */
export interface Plan {
  /** Held until the server closes them, and reused when the longest wait is over. */
  readonly watched: number;
  /** Reused after these idle times, in ms, rising. */
  readonly reuseAfterMs: readonly number[];
  /** Opened, and left without a request. */
  readonly unused: number;
}

/** Fewer would tell neither a spread nor a silent drop. */
export const FEWEST_CONNECTIONS = 3;

/**
 * Plans the first round: a quarter of the connections are watched, the others reused after idle times that rise by one
 * factor, so that a silent drop is found within the same fraction wherever it lies.
 *
 * @param connections - At least {@link FEWEST_CONNECTIONS}.
 * @param requestsLeft - The plan takes no more requests than these: two for each connection.
 */
export function firstPlan(connections: number, maxWaitMs: number, requestsLeft: number): Plan {
  const affordable = Math.max(FEWEST_CONNECTIONS, Math.min(connections, Math.floor(requestsLeft / 2)));
  const unused = affordable > FEWEST_CONNECTIONS ? 1 : 0;
  const watched = Math.max(2, Math.ceil((affordable - unused) / 4));
  const reused = affordable - unused - watched;
  const firstMs = maxWaitMs / 64;
  // The watched ones are reused at the very end, so the last of these stays one step below.
  const factor = (maxWaitMs / firstMs) ** (1 / reused);
  return { watched, unused, reuseAfterMs: Array.from({ length: reused }, (_, index) => firstMs * factor ** index) };
}

/** Plans a closer look: idle times spread evenly between one that was answered and one that was not. */
export function closerPlan(connections: number, answeredMs: number, unansweredMs: number): Plan {
  const step = (unansweredMs - answeredMs) / (connections + 1);
  return {
    watched: 0,
    unused: 0,
    reuseAfterMs: Array.from({ length: connections }, (_, index) => answeredMs + step * (index + 1)),
  };
}
