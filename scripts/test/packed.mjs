// Packs the runtime, installs the tarball elsewhere, and uses it there as a user does: by `import`, by `require`, and from
// TypeScript with each way to resolve modules. Jest is another: see packages/holdline/test/tools/jest.test.ts.
//
//   node scripts/test/packed.mjs              HOLDLINE_RESULT=FILE gets what it found
//   node scripts/test/packed.mjs --into DIR   installs it in DIR, and no more
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { npm, root } from '../ready.mjs';
import { commandOf, run } from './run.mjs';

const { values } = parseArgs({ options: { into: { type: 'string' } } });

if (values.into) {
  installPacked(values.into);
  linkPeers(values.into);
} else {
  await check();
}

async function check() {
  const directory = mkdtempSync(join(tmpdir(), 'holdline-packed-'));
  const result = { passed: 0, failed: 0, failures: [] };
  const note = (name, complaint) => {
    if (!complaint) return void result.passed++;
    result.failed++;
    result.failures.push(name);
    process.stderr.write(`${name}:\n${complaint}\n`);
  };
  try {
    installPacked(directory);
    const installed = readdirSync(join(directory, 'node_modules')).filter((name) => !name.startsWith('.'));
    note(
      'the runtime brings nothing else',
      installed.join() === 'holdline' ? '' : `installed: ${installed.join(', ')}`,
    );
    linkPeers(directory);
    note('import and require', await outputOfFailure(join(directory, 'one-instance.mjs'), [], directory));
    const tsc = commandOf('typescript', 'tsc');
    await Promise.all(
      typeChecks(directory).map(async ([name, files]) =>
        note(name, await outputOfFailure(tsc, ['-p', join(files, 'tsconfig.json')], files)),
      ),
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  if (process.env.HOLDLINE_RESULT) writeFileSync(process.env.HOLDLINE_RESULT, JSON.stringify(result));
  process.exitCode = result.failed > 0 ? 1 : 0;
}

/** Installs what would be published. It needs no registry: npm is told to stay offline, and there is nothing to ask for. */
function installPacked(directory) {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{ "name": "packed", "private": true }\n');
  const runtime = join(root, 'packages/holdline');
  const [{ filename }] = JSON.parse(succeed(npm(['pack', '--json', '--pack-destination', directory], runtime)));
  const tarball = filename.replace('@', '').replace('/', '-');
  succeed(npm(['install', `./${tarball}`, '--offline', '--ignore-scripts', '--no-audit', '--no-fund'], directory));
  cpSync(join(root, 'scripts/test/one-instance.mjs'), join(directory, 'one-instance.mjs'));
}

/** What a subpath is an adapter for is an optional peer, which its user has; where it is not at hand, its types. */
function linkPeers(directory) {
  const { peerDependencies = {} } = createRequire(join(directory, 'x.js'))('holdline/package.json');
  for (const name of Object.keys(peerDependencies)) {
    const own = [name, `${name}-types`]
      .map((each) => join(root, 'node_modules', each))
      .find((each) => existsSync(each));
    if (!own) continue;
    mkdirSync(dirname(join(directory, 'node_modules', name)), { recursive: true });
    symlinkSync(own, join(directory, 'node_modules', name), 'junction');
  }
}

/** A program for each way in which TypeScript resolves modules, which uses each export of each subpath. */
function typeChecks(directory) {
  const program = programOf(directory);
  const ways = {
    // TypeScript 6 still has it, and asks for this word
    node10: { module: 'commonjs', ignoreDeprecations: '6.0', files: ['main.ts'] },
    node16: { module: 'node16', files: ['main.cts', 'main.mts'] },
    bundler: { module: 'esnext', files: ['main.ts'] },
  };
  return Object.entries(ways).map(([way, { files, ...options }]) => {
    const own = join(directory, way);
    mkdirSync(own);
    for (const file of files) writeFileSync(join(own, file), program);
    const compilerOptions = {
      ...options,
      moduleResolution: way,
      target: 'es2022',
      lib: ['es2022'],
      strict: true,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    };
    writeFileSync(join(own, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    return [`TypeScript, ${way}`, own];
  });
}

function programOf(directory) {
  const require = createRequire(join(directory, 'x.js'));
  const { name, exports } = require('holdline/package.json');
  const code = Object.entries(exports)
    .filter(([, target]) => typeof target !== 'string')
    .map(([subpath], index) => {
      const specifier = subpath.replace('.', name);
      const names = Object.keys(require(specifier));
      const renamed = names.map((each) => `${each} as ${each}${index}`).join(', ');
      return `import { ${renamed} } from '${specifier}';\nexport const used${index} = [${names.map((each) => each + index)}];`;
    });
  return `${code.join('\n')}\n`;
}

async function outputOfFailure(script, args, cwd) {
  const done = await run(script, args, { cwd, limitMs: 120_000 });
  return done.code === 0 ? '' : done.output;
}

function succeed({ status, stdout, stderr, error }) {
  if (status === 0) return stdout;
  throw new Error(`npm ended with ${status ?? error?.message}:\n${stdout}${stderr}`);
}
