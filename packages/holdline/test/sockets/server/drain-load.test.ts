import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DrainReport } from '../../../src/server/index.js';
import { BOUND_MS, JOB, trial } from '../../drain/trial.mjs';

function start(name: 'a' | 'b'): ChildProcess {
  const child = fork(path.join(import.meta.dirname, `../../drain/${name}.mjs`));
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

for (const tls of [false, true]) {
  test(`a server that is drained under load loses nothing${tls ? ', over TLS too' : ''}, and keeps to its bound`, async () => {
    const got = await trial(start, { ...JOB, way: 'drain', host: '127.0.0.1', tls, lanes: 80 });
    expect(got.lost).toEqual([]);
    expect(got.unexecuted).toBe(0);
    expect(got.duringEnd, 'it was used while it ended').toBeGreaterThan(20);
    const report = got.report as DrainReport;
    expect(report).toMatchObject({ cut: {}, exitCode: 0 });
    expect(report.residualRisk).toBeUndefined();
    expect(got.tookMs).toBeLessThan(BOUND_MS);
  });
}
