// Runs where `holdline` is installed (packed.mjs copies it there): whether `import` and `require` load one and the same
// instance of each subpath, with the same named exports. An export that Node cannot find in CommonJS by reading it would
// be missing from `import { … }`.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { name, exports } = require('holdline/package.json');
const complaints = [];
for (const [subpath, target] of Object.entries(exports)) {
  if (typeof target === 'string') continue;
  const specifier = subpath.replace('.', name);
  const required = require(specifier);
  const imported = await import(specifier);
  const names = Object.keys(required);
  if (names.length === 0) complaints.push(`${specifier} exports nothing.`);
  for (const each of names) {
    if (!Object.hasOwn(imported, each))
      complaints.push(`import { ${each} } from '${specifier}' finds nothing; require does.`);
    else if (imported[each] !== required[each])
      complaints.push(`${specifier}: ${each} is not the same by import and by require.`);
  }
}
if (complaints.length > 0) {
  process.stderr.write(`${complaints.join('\n')}\n`);
  process.exitCode = 1;
}
