import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Adapter, type Arm } from './adapter.js';
import { type BuiltInId, builtIn } from './built-in.js';
import { serve } from './serve.js';

// A client's process: `node main.js got holdline`.

const [id, arm] = process.argv.slice(2) as [BuiltInId, Arm];
const { load, packages } = builtIn[id];
const { adapt } = (await load()) as { adapt: (arm: Arm) => Promise<Adapter> };
serve(await adapt(arm), versionsOf([...packages, ...(arm === 'holdline' ? ['holdline'] : [])]));

function versionsOf(names: readonly string[]): Record<string, string> {
  const versions = names.map((name) => [name, versionOf(name)] as const);
  return {
    node: process.versions.node,
    ...(process.versions['undici'] && { 'undici in Node': process.versions['undici'] }),
    ...Object.fromEntries(versions),
  };
}

/** A package's version, by the `package.json` above what it exports: not all let that file be imported. */
function versionOf(name: string): string {
  for (let folder = dirname(createRequire(import.meta.url).resolve(name)); ; folder = dirname(folder)) {
    try {
      const read = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (read.name === name && read.version !== undefined) return read.version;
    } catch {
      // not here
    }
    if (folder === dirname(folder)) return 'unknown';
  }
}
