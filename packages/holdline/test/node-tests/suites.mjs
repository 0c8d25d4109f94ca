// Where Node's own tests come from. They are in no package of npm and not in this repository: a folder that is stated, a
// shallow clone of one commit of denoland/node_test, or, where GitHub cannot be reached, Debian's source package.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { root } from '../../../../scripts/ready.mjs';

const REPOSITORY = 'https://github.com/denoland/node_test';
const CACHE = join(root, 'node_modules/.cache/holdline/node-tests');
const LIMIT_MS = 300_000;
/** What the tests of `http` and `https` need. */
const FOLDERS = ['common', 'parallel', 'sequential', 'client-proxy', 'fixtures'].map((name) => `test/${name}`);
/** Folders that Node 20 had not yet. */
const LATER = ['test/client-proxy'];
/** What they do not need: most of the bytes. */
const LEFT_OUT = ['wpt', 'postject-copy', 'snapshot'].map((name) => `test/fixtures/${name}`);

/** The newest first. A Node is tested with the newest suite that is not newer than itself. */
const SUITES = [
  { version: '25.8.1', commit: 'c5baef08e6692c16940b82e2ee5d778a11da64d7' },
  { version: '24.12.0', commit: '170b25ab9080b9d58d21b582fbf28ee5676b8387' },
  {
    version: '20.19.2',
    debian: 'trixie',
    sha256: '5e5559381ad031d245a8efa403458abbb73755f74c3e6380f185a4dd342b7949',
  },
  { version: '20.11.1', commit: 'be77956923934fee955d80a3e53c4fa493fe1be0' },
];

/**
 * The suite for a Node of this version.
 *
 * @returns `{ version, source, folder }`, where `folder` holds `parallel`, `sequential` …; or `{ reason, remedy }`.
 */
export function suiteFor(nodeVersion) {
  const stated = process.env.HOLDLINE_NODE_TESTS;
  if (stated) return statedSuite(resolve(stated));
  const tried = [];
  let noGit = false;
  for (const suite of SUITES.filter(({ version }) => !isNewer(version, nodeVersion))) {
    if (suite.commit && noGit) continue;
    const folder = join(CACHE, suite.version);
    const source = suite.commit ? `denoland/node_test@${suite.commit.slice(0, 8)}` : "Debian's source package nodejs";
    const complaint = existsSync(folder) ? undefined : get(suite, folder);
    if (complaint === undefined) return { version: suite.version, source, folder: join(folder, 'test') };
    process.stderr.write(`That failed: ${complaint}\n`);
    tried.push(`${suite.version} from ${source}: ${complaint}`);
    noGit ||= suite.commit !== undefined;
  }
  return {
    reason: `Node's own tests could not be had (${tried.join('; ') || `there is no suite for Node ${nodeVersion}`})`,
    remedy: `git clone ${REPOSITORY} && HOLDLINE_NODE_TESTS=$PWD/node_test npm test -- --ring node-tests`,
  };
}

function statedSuite(stated) {
  const folder = [join(stated, 'test'), stated].find((each) => existsSync(join(each, 'parallel')));
  const version = /\d+\.\d+\.\d+/.exec(readIfThere(join(stated, 'node_version.ts')))?.[0] ?? 'unknown';
  if (folder) return { version, source: 'HOLDLINE_NODE_TESTS', folder };
  return {
    reason: `HOLDLINE_NODE_TESTS is ${stated}, which has neither test/parallel nor parallel`,
    remedy: 'let it be a checkout of denoland/node_test or of Node',
  };
}

/** Puts a suite where the next run finds it, whole or not at all. @returns Why that failed, or nothing. */
function get(suite, folder) {
  process.stderr.write(`Getting Node's own tests, version ${suite.version} …\n`);
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-`);
  try {
    if (suite.commit) clone(suite.commit, draft);
    else unpackDebian(suite, draft);
    renameSync(draft, folder);
    return undefined;
  } catch (error) {
    return error.message;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function clone(commit, into) {
  const git = (...args) => command('git', args, into, { GIT_TERMINAL_PROMPT: '0' });
  git('init', '--quiet');
  const patterns = [...FOLDERS.map((folder) => `/${folder}/`), ...LEFT_OUT.map((folder) => `!/${folder}/`)];
  git('sparse-checkout', 'set', '--no-cone', ...patterns);
  git('remote', 'add', 'origin', REPOSITORY);
  git('fetch', '--quiet', '--depth=1', '--filter=blob:none', 'origin', commit);
  git('checkout', '--quiet', 'FETCH_HEAD');
}

/** From the mirror that apt uses here, with lists of its own: what apt knows of this machine's packages stays as it is. */
function unpackDebian({ debian, sha256 }, into) {
  const targets = command(
    'apt-get',
    ['indextargets', '--format', '$(LABEL)|$(REPO_URI)', 'Created-By: Packages'],
    into,
  );
  const mirror = /^Debian\|(.+)$/m.exec(targets)?.[1];
  if (!mirror) throw new Error('apt has no Debian mirror here');
  const own = join(into, 'apt');
  for (const name of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(own, name), { recursive: true });
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const entry = `deb-src [signed-by=${keyring}] ${mirror} ${debian} main\n`;
  writeFileSync(join(own, 'sources.list'), entry);
  const settings = {
    'Dir::Etc::sourcelist': join(own, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': join(own, 'lists'),
    'Dir::Cache': join(own, 'cache'),
    'APT::Sandbox::User': 'root', // the folder is the user's alone
  };
  const apt = (...args) => {
    const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    command('apt-get', [...options, '--quiet', ...args], own);
  };
  apt('update');
  apt('source', '--download-only', '--tar-only', 'nodejs');
  const name = readdirSync(own).find((each) => /^nodejs_.*\.orig\.tar\.\w+$/.test(each)) ?? 'no tar';
  const found = createHash('sha256')
    .update(readFileSync(join(own, name)))
    .digest('hex');
  if (found !== sha256) throw new Error(`${name} has the SHA-256 ${found}, and not ${sha256}`);
  const wanted = FOLDERS.filter((folder) => !LATER.includes(folder)).map((folder) => `*/${folder}`);
  const args = [
    '--extract',
    '--file',
    name,
    '--directory',
    into,
    '--strip-components=1',
    '--wildcards',
    '--no-wildcards-match-slash',
  ];
  command('tar', [...args, ...LEFT_OUT.map((folder) => `--exclude=*/${folder}`), ...wanted], own);
  rmSync(own, { recursive: true });
}

function command(name, args, cwd, env = {}) {
  const done = spawnSync(name, args, { cwd, encoding: 'utf8', timeout: LIMIT_MS, env: { ...process.env, ...env } });
  if (done.status === 0) return done.stdout;
  const told = (done.stderr ?? '').trim().split('\n').slice(0, 3).join('; ');
  throw new Error(`${name}: ${done.error?.message ?? (told || `ended with ${done.signal ?? done.status}`)}`);
}

function isNewer(version, than) {
  const [one, other] = [version, than].map((each) => each.split('.').map(Number));
  const at = one.findIndex((part, index) => part !== other[index]);
  return at >= 0 && one[at] > other[at];
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
