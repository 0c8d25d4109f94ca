import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

// The lab as people run it: the built command, real processes, and suites of two seconds.

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const PYTHON_CLIENT = fileURLToPath(new URL('../../../../../examples/lab-client-python/client.py', import.meta.url));
const hasPython = spawnSync('python3', ['--version']).status === 0;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdline-lab-test-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(words: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [MAIN, 'lab', ...words], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

const run = (...words: string[]) => start(words).ended;

function suite(name: string, text: string): string {
  const path = join(directory, `${name}.yaml`);
  writeFileSync(path, `suite: ${name}\n${text}`);
  return path;
}

// Just what the tests look at.
interface Told {
  readonly verdict: string;
  readonly complete: boolean;
  readonly versions: Record<string, string>;
  readonly rounds: readonly {
    readonly id: string;
    readonly planned: number;
    readonly skipped?: { readonly what: string };
    readonly cells: readonly {
      readonly client: string;
      readonly verdict: string;
      readonly reasons: readonly string[];
      readonly findings?: Record<string, number> & { readonly hungUp: Record<string, number> };
    }[];
  }[];
}

const cellsOf = ({ rounds }: Told) => rounds.flatMap(({ cells }) => cells);

test('where nothing goes wrong, no client of the lab meets an error of any kind', async () => {
  const path = suite(
    'control',
    'rounds:\n  - { server: node, fault: none, durationMs: 2000, callers: 4, timeoutMs: 30000 }\n',
  );
  const out = join(directory, 'control');
  const { code, stdout, stderr } = await run('run', path, '--out', out, '--json');
  const told = JSON.parse(stdout || '{}') as Told;
  expect(stderr).toBe('');
  for (const cell of cellsOf(told)) expect(cell).toMatchObject({ verdict: 'pass', reasons: [] });
  expect(cellsOf(told)).toHaveLength(17);
  expect(code).toBe(0);
  const [round] = told.rounds;
  for (const { findings } of cellsOf(told)) {
    expect(findings?.['sent']).toBeGreaterThan(0);
    expect(findings).toMatchObject({
      answered: findings?.['sent'],
      lost: 0,
      silent: 0,
      failedBy: {},
    });
    // it reuses: had a client a connection for each request, the rest would show nothing
    expect(findings?.['connects']).toBeLessThanOrEqual(8);
  }
  expect(Object.keys(told.versions)).toEqual(
    expect.arrayContaining(['node', 'holdline', 'undici', 'got', 'axios', 'axios-retry', 'ky', 'agentkeepalive']),
  );
  expect(readdirSync(join(out, 'rounds', round?.id ?? ''))).toEqual(['history.ndjson', 'ledger.ndjson']);
  expect(JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'))).toEqual(told);
});

test('a bare client hangs up where B closes, the same on Holdline does not, and the table says so', async () => {
  const path = suite(
    'closing',
    'rounds:\n  - { server: node, fault: idle-close-fin, workload: aimed, idleLimitMs: 300, durationMs: 3000, callers: 16, clients: [http-agent, http-agent-holdline] }\n',
  );
  const out = join(directory, 'closing');
  const { code, stdout } = await run('run', path, '--out', out);
  const told = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as Told;
  const [bare, onHoldline] = cellsOf(told);
  expect(bare?.findings?.hungUp['GET']).toBeGreaterThan(0);
  expect(onHoldline?.findings?.hungUp).toMatchObject({ GET: 0, 'keyed POST': 0 });
  expect(onHoldline?.findings).toMatchObject({ twice: { POST: 0, 'keyed POST': 0 }, lost: 0, silent: 0 });
  expect(code).toBe(0);
  expect(stdout).toMatch(/✓ node · idle-close-fin · aimed/);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('a client in Python that speaks the line protocol is judged beside them', async (ctx) => {
  ctx.skip(!hasPython, 'python3 is not installed');
  const path = suite(
    'python',
    'rounds:\n  - { server: node, fault: idle-close-fin, workload: aimed, idleLimitMs: 300, durationMs: 3000, callers: 16 }\n',
  );
  const words = [
    '--out',
    join(directory, 'python'),
    '--clients',
    'http-agent',
    '--client-script',
    `python3 ${PYTHON_CLIENT}`,
  ];
  const { stdout } = await run('run', path, ...words, '--json');
  const told = JSON.parse(stdout) as Told;
  const script = cellsOf(told).find(({ client }) => client === 'script');
  expect(told.versions['python']).toMatch(/^3\./);
  expect(script).toMatchObject({ findings: { lost: 0, silent: 0, mixedUp: 0 } });
  expect(script?.findings?.['answered']).toBeGreaterThan(0);
});

test('a client that does not speak the protocol fails by itself, and is told with what it said', async () => {
  const path = suite('mute', 'rounds:\n  - { server: node, fault: none, durationMs: 500, callers: 1 }\n');
  const words = ['--out', join(directory, 'mute'), '--clients', 'http-agent', '--client-script', 'echo hello'];
  const { code, stdout } = await run('run', path, ...words, '--json');
  const script = cellsOf(JSON.parse(stdout) as Told).find(({ client }) => client === 'script');
  expect(script?.verdict).toBe('unknown');
  expect(script?.reasons[0]).toMatch(/no line of the protocol: hello/);
  expect(code).toBe(3);
});

test('Ctrl-C stops every child, keeps what was recorded, and exits with 130', async () => {
  const path = suite('long', 'rounds:\n  - { server: node, fault: none, durationMs: 60000, callers: 4 }\n');
  const out = join(directory, 'long');
  const { child, ended } = start(['run', path, '--out', out, '--clients', 'http-agent']);
  const history = join(out, 'rounds', 'node.none.poisson', 'history.ndjson');
  while (!existsSync(history) || !readFileSync(history, 'utf8').includes('"answered"')) await turn();
  const children = childrenOf(child.pid);
  expect(children.length).toBeGreaterThanOrEqual(3); // A, B and the link
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  expect(children.filter(isAlive)).toEqual([]);
  const told = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as Told;
  expect(told).toMatchObject({ complete: false, verdict: 'unknown' });
  expect(readFileSync(history, 'utf8')).toContain('"sent"');
});

test('what is typed wrong is told in one line, with the remedy, and exits with 2', async () => {
  for (const [words, message] of [
    [['matrx'], /^holdline: there is no suite "matrx", did you mean "matrix"\?/],
    [['seed', '--only', 'elephant'], /^holdline: --only elephant fits no round of seed, expected one of node/],
    [['seed', '--clients', 'gott'], /^holdline: --clients gott: expected all, bare, holdline, http-agent/],
    [['seed', '--seed', 'x'], /expected a whole number from 0/],
  ] as const) {
    const { code, stderr } = await run('run', ...words, '--out', join(directory, 'never'));
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  }
  expect(existsSync(join(directory, 'never'))).toBe(false);
});

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}

/** The processes that a process has started, on Linux; elsewhere its own, which ends too. */
function childrenOf(pid: number | undefined): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .map(Number)
    .filter((each) => each > 0);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
