/** How an arm of A sends its requests. */
export type Sending = 'unpooled' | 'pooled' | 'blind-retry' | 'cutoff' | 'holdline';

/** One way for A to call B; all arms of a half get the same traffic. */
export interface Arm {
  /** Names the arm in B's ledger, in the output for machines and in the checks. */
  readonly id: string;
  /** What the screen calls it. */
  readonly title: string;
  readonly sending: Sending;
}

/** Which B the arms of a half call. */
export type HalfId = 'own' | 'foreign';

/** Arms that call the same B. */
export interface Half {
  readonly id: HalfId;
  readonly arms: readonly Arm[];
}

/** Both halves of the incident. `own`: both sides are yours. `foreign`: B is somebody else's. */
export const halves: readonly Half[] = [
  {
    id: 'own',
    arms: [
      { id: 'own-unpooled', title: 'no pooling', sending: 'unpooled' },
      { id: 'own-as-it-is', title: 'A as it is', sending: 'pooled' },
      { id: 'own-rule-1', title: 'rule 1 only', sending: 'cutoff' },
      { id: 'own-holdline', title: 'Holdline', sending: 'holdline' },
    ],
  },
  {
    id: 'foreign',
    arms: [
      { id: 'foreign-rule-1', title: 'rule 1 only', sending: 'cutoff' },
      { id: 'foreign-blind-retry', title: 'blind retry', sending: 'blind-retry' },
      { id: 'foreign-holdline', title: 'Holdline', sending: 'holdline' },
    ],
  },
];
