import { bar, LiveLines } from '../terminal/live.js';
import { fact, seconds, WIDTH } from '../terminal/text.js';
import { halves } from './arms.js';
import type { Stage } from './incident.js';

/** What the progress line needs to know. */
export interface ProgressState {
  readonly label: string;
  /** Where it is and how long it takes, in ms; undefined if that is not known. */
  readonly span?: { readonly beganMs: number; readonly lastsMs: number };
  readonly counts: string;
}

/** How a stage changes the progress line. */
export function nextState(state: ProgressState, stage: Stage, nowMs: number): ProgressState {
  switch (stage.stage) {
    case 'starting':
      return { label: 'starting', counts: '' };
    case 'measuring':
      return { label: "measuring B's idle limit", span: { beganMs: nowMs, lastsMs: stage.expectedMs }, counts: '' };
    case 'calling':
      return { label: 'A calls B', span: { beganMs: nowMs, lastsMs: stage.trafficMs }, counts: '' };
    case 'counting':
      return { ...state, counts: countsOf(stage.arms) };
    case 'checking':
      return { label: "reading B's ledger", counts: '' };
  }
}

function countsOf(arms: Extract<Stage, { stage: 'counting' }>['arms']): string {
  const sent = Object.values(arms).reduce((sum, progress) => sum + progress.sent, 0);
  const hungUp = (sending: string) =>
    halves
      .flatMap((half) => half.arms)
      .filter((arm) => arm.sending === sending)
      .reduce((sum, { id }) => sum + (arms[id]?.hungUp ?? 0), 0);
  return `sent ${sent} · hung up: A ${hungUp('pooled')}, Holdline ${hungUp('holdline')}`;
}

/** The progress line, not wider than the terminal. */
export function progressLine({ label, span, counts }: ProgressState, nowMs: number, columns = WIDTH): string {
  const parts = ['  '];
  if (span) {
    const doneMs = Math.min(nowMs - span.beganMs, span.lastsMs);
    parts.push(`${bar(doneMs / span.lastsMs)} `);
    parts.push(`${label} ${Math.floor(doneMs / 1_000)}/${Math.round(span.lastsMs / 1_000)} s`);
  } else {
    parts.push(label);
  }
  if (counts) parts.push(` · ${counts}`);
  return parts.join('').slice(0, columns - 1);
}

/** Shows progress until it is stopped. */
export interface ProgressDisplay {
  tell(stage: Stage): void;
  /** Prints lines that stay. */
  print(lines: readonly string[]): void;
  stop(): void;
}

const REDRAW_EVERY_MS = 200;
const PLAIN_LINE_EVERY_MS = 10_000;

/** One line redrawn on a terminal; elsewhere a line now and then. */
export function showProgress(stream: NodeJS.WriteStream, now: () => number): ProgressDisplay {
  let state: ProgressState = { label: 'starting', counts: '' };
  const live = new LiveLines(stream);
  let printed = false;
  const line = () => progressLine(state, now(), stream.isTTY ? stream.columns : WIDTH);
  const draw = () => {
    if (stream.isTTY) return live.draw([line()]);
    stream.write(`${line()}\n`);
    printed = true;
  };
  const timer = setInterval(draw, stream.isTTY ? REDRAW_EVERY_MS : PLAIN_LINE_EVERY_MS);
  return {
    tell(stage) {
      state = nextState(state, stage, now());
    },
    print(lines) {
      live.clear();
      stream.write(lines.map((one) => `${one}\n`).join(''));
    },
    stop() {
      clearInterval(timer);
      live.clear();
      if (printed) stream.write('\n');
      printed = false;
    },
  };
}

/** What a stage lets the screen say at once; nothing for most. */
export function stageText(stage: Stage): string[] {
  switch (stage.stage) {
    case 'measuring':
      return fact('Link', linkText(stage.link));
    case 'calling': {
      const { advertisedMs, measuredMs } = stage.idleLimit;
      const says = advertisedMs === undefined ? 'nothing' : `${advertisedMs / 1_000} s`;
      const hidden = Math.abs(measuredMs - (advertisedMs ?? 0) - 1_000) < 200 ? ' (Node adds 1 s)' : '';
      return [
        ...fact('B', `advertises ${says}, closes idle connections after ${seconds(measuredMs)}${hidden}`),
        ...fact('A', 'the same requests and pauses in every column, all at the same time'),
        ...fact('Judge', "B's ledger, written before each answer"),
        '',
      ];
    }
    default:
      return [];
  }
}

function linkText({ delayMs, lack }: Extract<Stage, { stage: 'measuring' }>['link']): string {
  if (!lack) return `${delayMs} ms each way for every packet, between two network namespaces`;
  return `${delayMs} ms each way by a relay, as a link of packets needs ${lack.what}. Over a relay nothing shows that B never got a request, so a POST without a key surfaces; ${lack.remedy} would show it cured.`;
}
