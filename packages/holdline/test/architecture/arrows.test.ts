import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const packages = fileURLToPath(new URL('../../../', import.meta.url));
const runtime = join(packages, 'holdline/src');
const cli = join(packages, 'cli/src');

/** What each folder of the runtime may import, besides itself. A new folder needs a line here, so a decision. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  policy: [],
  'checks.ts': ['policy'],
  events: ['policy'],
  line: ['policy', 'events', 'checks.ts'],
  agent: ['line', 'policy', 'events'],
  undici: ['line', 'policy', 'events', 'checks.ts'],
  retry: ['policy', 'events', 'checks.ts'],
  server: ['policy', 'events', 'checks.ts'],
  store: ['policy', 'events'],
  testing: ['line', 'policy', 'events'],
  'index.ts': ['agent', 'line', 'policy', 'events'],
  register: ['agent', 'undici', 'server', 'line', 'policy', 'events', 'checks.ts'],
  'register.ts': ['register', 'undici', 'line'],
};

/** The optional peers that a folder adapts: it may import their types, and load what its user has installed. */
const PEERS: Readonly<Record<string, string>> = { undici: 'undici' };

/** Folders that may use Node at all: the policy decides from what it is told. */
const WITHOUT_NODE = new Set(['policy']);

interface Import {
  readonly from: string;
  readonly specifier: string;
}

function importsOf(directory: string): Import[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .flatMap((path) => {
      const from = join(directory, path);
      const found = ts.preProcessFile(readFileSync(from, 'utf8'), true, true).importedFiles;
      return found.map(({ fileName }) => ({ from, specifier: fileName }));
    });
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.');
}

/** The folder of the runtime in which a path lies, or the file itself where it lies in none. */
function folderOf(path: string): string {
  return relative(runtime, path).replace(/\.js$/, '.ts').split(sep)[0] ?? '';
}

function describeImport({ from, specifier }: Import): string {
  return `${relative(packages, from)} imports '${specifier}'`;
}

function manifest(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8')) as Record<string, unknown>;
}

describe('the arrows between the parts of the runtime run one way', () => {
  const imports = importsOf(runtime);

  it('reads imports in every form', () => {
    const text =
      "import a from 'a'; export * from 'b'; const c = require('c'); await import('d'); import type e from 'e';";
    expect(
      ts
        .preProcessFile(text, true, true)
        .importedFiles.map((each) => each.fileName)
        .toSorted(),
    ).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(imports.length).toBeGreaterThan(0);
  });

  it('each folder imports only what its arrows allow', () => {
    const wrong = imports.filter(({ from, specifier }) => {
      if (!isRelative(specifier)) return false;
      const source = folderOf(from);
      const target = folderOf(resolve(dirname(from), specifier));
      return source !== target && !ARROWS[source]?.includes(target);
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it('each folder has its arrows stated', () => {
    const unknown = readdirSync(runtime).filter((name) => !name.endsWith('.test.ts') && !Object.hasOwn(ARROWS, name));
    expect(unknown).toEqual([]);
  });

  it('the policy imports nothing of Node', () => {
    const wrong = imports.filter(({ from, specifier }) => WITHOUT_NODE.has(folderOf(from)) && !isRelative(specifier));
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it('the runtime imports nothing but itself and Node, and names Node by node:, but for the types of peers', () => {
    const wrong = imports.filter(({ from, specifier }) => {
      if (isRelative(specifier) || PEERS[folderOf(from)] === specifier) return false;
      return !specifier.startsWith('node:') || !builtinModules.includes(specifier.slice('node:'.length));
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });
});

describe('the packages', () => {
  it('the runtime has no dependencies', () => {
    const { dependencies, optionalDependencies, bundleDependencies } = manifest('holdline');
    expect({ dependencies, optionalDependencies, bundleDependencies }).toEqual({});
  });

  it('what it adapts are optional peers', () => {
    const { peerDependencies, peerDependenciesMeta } = manifest('holdline');
    const peers = Object.values(PEERS);
    expect(Object.keys(peerDependencies as object)).toEqual(peers);
    expect(peerDependenciesMeta).toEqual(Object.fromEntries(peers.map((name) => [name, { optional: true }])));
  });

  it('loads none of them before it is asked to', () => {
    const out = execFileSync(
      process.execPath,
      ['-e', "require('holdline/undici'); console.log(Object.keys(require.cache).join())"],
      { cwd: runtime, encoding: 'utf8' },
    );
    expect(out).toContain(join('dist', 'undici', 'index.js'));
    expect(out).not.toContain('node_modules/undici');
  });

  it('the command uses the runtime by its public subpaths only', () => {
    const subpaths = Object.keys(manifest('holdline')['exports'] as object).map((path) =>
      path.replace('.', 'holdline'),
    );
    const wrong = importsOf(cli).filter(({ from, specifier }) => {
      if (isRelative(specifier)) return relative(cli, resolve(dirname(from), specifier)).startsWith('..');
      return specifier.split('/')[0] === 'holdline' && !subpaths.includes(specifier);
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it('the packages share one version', () => {
    expect(manifest('cli')['version']).toBe(manifest('holdline')['version']);
    expect((manifest('cli')['dependencies'] as Record<string, string>)['holdline']).toBe(
      manifest('holdline')['version'],
    );
  });

  it('each subpath has its types for Node 10 resolution too, and a default', () => {
    const { exports, typesVersions } = manifest('holdline') as {
      exports: Record<string, string | { types: string; default: string }>;
      typesVersions: Record<string, Record<string, string[]>>;
    };
    for (const [subpath, target] of Object.entries(exports)) {
      if (typeof target === 'string') continue;
      expect(Object.keys(target), subpath).toEqual(['types', 'default']);
      if (subpath !== '.') expect(typesVersions['*']?.[subpath.slice(2)], subpath).toEqual([target.types]);
    }
  });
});
