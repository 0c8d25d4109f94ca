/** What the Lines of one agent have done so far. All are counts that only rise. */
export interface Counts {
  /** Requests that began. */
  requests: number;
  /** Connections that were opened, for whatever reason. */
  connects: number;
  /** Requests that went on a connection which had served one before. */
  reused: number;
  /** Idle connections that were let go, by the client or the server. */
  letGo: number;
  /** Times that the kernel was asked before a request was written. */
  looks: number;
  /** Requests whose first byte was sent ahead, to meet a FIN that was on its way. */
  feelers: number;
  /** Connections that ended under a request before its response began. */
  hangUps: number;
  /** Requests that were sent again. */
  replays: number;
  /** Hang-ups that reached the caller. */
  surfaced: number;
  /** In mode `observe`: requests that `on` would have given a new connection in place of the idle one. */
  wouldLetGo: number;
  /** In mode `observe`: hang-ups whose request `on` would have sent again. */
  wouldReplay: number;
  /** In mode `observe`: hang-ups that `on` would have let reach the caller, too. The rest it would have avoided. */
  wouldSurface: number;
  /** Lines that stepped out of the way. */
  faults: number;
}

export function noCounts(): Counts {
  return {
    requests: 0,
    connects: 0,
    reused: 0,
    letGo: 0,
    looks: 0,
    feelers: 0,
    hangUps: 0,
    replays: 0,
    surfaced: 0,
    wouldLetGo: 0,
    wouldReplay: 0,
    wouldSurface: 0,
    faults: 0,
  };
}
