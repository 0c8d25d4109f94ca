// `npm run clean`: removes what the build made, so that the next one starts from nothing.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './ready.mjs';

for (const name of readdirSync(join(root, 'packages'))) {
  rmSync(join(root, 'packages', name, 'dist'), { recursive: true, force: true });
}
rmSync(join(root, 'node_modules/.cache/holdline'), { recursive: true, force: true });
