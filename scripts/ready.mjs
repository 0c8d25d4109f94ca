// Makes a clone ready to run: installs what is not installed, builds what is not built, and nothing else.
// It runs before any dependency is there, so it uses Node alone.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const OLDEST_NODE = [20, 19];

/** Whether `node_modules` in `directory` holds what its `package-lock.json` says, by content and not by date. */
export function dependenciesAreCurrent(directory) {
  const wanted = readPackages(join(directory, 'package-lock.json'));
  const installed = readPackages(join(directory, 'node_modules', '.package-lock.json'));
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    // The workspaces themselves are not installed but linked; optional packages may be those of other platforms.
    if (!path.includes('node_modules/')) return true;
    const present = installed[path];
    if (!present) return entry.optional === true;
    return present.version === entry.version && present.integrity === entry.integrity;
  });
}

function readPackages(lockfile) {
  if (!existsSync(lockfile)) return undefined;
  try {
    return JSON.parse(readFileSync(lockfile, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Runs `npm ci` in `directory` unless what is installed there is current; where that fails, ends the process. */
export function install(directory = root) {
  const failure = tryInstall(directory);
  if (failure === undefined) return;
  process.stderr.write(failure);
  process.stderr.write(`npm ci failed in ${directory}. Once its cause is mended, run the same command again.\n`);
  process.exit(1);
}

/** As {@link install}, but returns what npm said where it failed, or nothing. */
export function tryInstall(directory) {
  if (dependenciesAreCurrent(directory)) return undefined;
  process.stderr.write('Installing dependencies (npm ci) …\n');
  const started = Date.now();
  // `--include`: a NODE_ENV=production in the environment would leave out the compiler.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const done = npm(args, directory);
  if (done.status !== 0) {
    return `${done.stdout ?? ''}${done.stderr ?? ''}${done.error ? `${done.error.message}\n` : ''}`;
  }
  process.stderr.write(`Installed in ${seconds(started)}.\n`);
  return undefined;
}

/** Runs npm: the one that runs this program, where there is one. */
export function npm(args, directory) {
  const script = process.env.npm_execpath;
  const options = { cwd: directory, encoding: 'utf8', maxBuffer: 1 << 28 };
  return script?.endsWith('js')
    ? spawnSync(process.execPath, [script, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

/** Builds what is not current. Returns the compiler's errors, or nothing. */
export function build() {
  const started = Date.now();
  const fresh = !existsSync(join(root, 'packages/holdline/dist/.tsbuildinfo'));
  if (fresh) process.stderr.write('Building …\n');
  for (const name of readdirSync(join(root, 'packages'))) removeOrphans(join(root, 'packages', name));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const done = spawnSync(process.execPath, [tsc, '-b', '--pretty', 'false'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (done.status !== 0) return `${done.stdout}${done.stderr}` || `tsc ended with ${done.status ?? done.signal}\n`;
  if (fresh) process.stderr.write(`Built in ${seconds(started)}.\n`);
  return undefined;
}

/** Removes what was built from sources that are gone: an import of it would work here, and in no fresh clone. */
function removeOrphans(directory) {
  const dist = join(directory, 'dist');
  if (!existsSync(dist)) return;
  for (const path of readdirSync(dist, { recursive: true })) {
    const source = path.match(/^(.*?)(\.d\.ts|\.js)(\.map)?$/)?.[1];
    if (source && !existsSync(join(directory, 'src', `${source}.ts`))) rmSync(join(dist, path));
  }
}

export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  process.stderr.write(`Holdline needs Node ${OLDEST_NODE.join('.')} or later; this is ${process.version}.\n`);
  process.exit(1);
}

/** Installs and builds, or ends the process with the errors. */
export function ready() {
  requireNode();
  install();
  const errors = build();
  if (errors === undefined) return;
  process.stderr.write(errors);
  process.exit(1);
}

function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ready();
