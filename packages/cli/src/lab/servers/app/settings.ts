/** What a program of ours that executes requests is started with: one JSON object in the environment. */
export interface AppSettings {
  /** One port is opened for each. */
  readonly clients: readonly string[];
  readonly host: string;
  /** The ports of an earlier process, for one that takes its place. */
  readonly ports?: Readonly<Record<string, number>>;
  readonly ledgerPath: string;
  /** Names what directives were obeyed; outlives the process. */
  readonly obeyedPath: string;
  /** Left out: never. */
  readonly idleLimitMs?: number;
  readonly maxRequestsPerConnection?: number;
  readonly hint: boolean;
  /** Whose connections it sees: the clients', or those of a proxy in front, which are nobody's business. */
  readonly behindProxy: boolean;
}

/** Where a program finds its settings. */
export const SETTINGS_VARIABLE = 'HOLDLINE_LAB_B';

/** Reads the settings of this process. */
export function readSettings(): AppSettings {
  return JSON.parse(process.env[SETTINGS_VARIABLE] ?? '') as AppSettings;
}
