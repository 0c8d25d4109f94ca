import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ServerProcess } from './roles.js';

/**
 * Starts a process of the lab's, at the head of a process group of its own: a signal to it reaches its children too, and
 * Ctrl-C in a terminal reaches the lab only, which then ends it.
 *
 * @param prefix - Words of a command that runs it elsewhere, for example in a network namespace.
 */
export function startProcess(
  prefix: readonly string[],
  command: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ServerProcess {
  const [first = command, ...rest] = [...prefix, command, ...words];
  // HOLDLINE would override what a client sets; NODE_OPTIONS may preload what changes http.
  const { HOLDLINE: _mode, NODE_OPTIONS: _options, ...own } = process.env;
  // stdin stays open as long as the lab lives: by that the lab's own programs know when to end.
  const child = spawn(first, rest, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env: { ...own, ...env } });
  child.stdin.on('error', () => {});
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (lines.push(line) > MOST_LINES) lines.shift();
      for (const listener of listeners) listener(line);
    });
  }
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('error', (error) => {
      lines.push(error.message);
      resolve({ code: null, signal: null });
    });
    // Not `exit`: what it has printed is to be read first.
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    said(pattern) {
      return new Promise((resolve, reject) => {
        const look = (line: string) => {
          const match = pattern.exec(line);
          if (!match) return;
          listeners.delete(look);
          resolve(match);
        };
        listeners.add(look);
        for (const line of lines) look(line);
        void ended.then(({ code, signal }) =>
          reject(new Error(complaint(command, signal ?? `exit code ${code}`, lines))),
        );
      });
    },
    kill(signal) {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, signal);
      } catch {
        // It has ended by itself.
      }
    },
  };
}

/** As many of the last lines are kept, for whoever asks late and for errors. */
const MOST_LINES = 200;

function complaint(command: string, how: string, lines: readonly string[]): string {
  const told = lines.slice(-10).join('\n');
  return `${command} ended (${how}) before it was ready${told && `:\n${told}`}`;
}
