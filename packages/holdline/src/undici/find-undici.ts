import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What of undici a dispatcher is made of. */
export interface UndiciModule {
  readonly Agent: abstract new (...args: never[]) => object;
  readonly Pool: abstract new (...args: never[]) => object;
  readonly Client: abstract new (...args: never[]) => object;
}

/** The undici that this program has installed: as Holdline's own folder sees it, else as the working directory does. */
export function findUndici(): UndiciModule {
  for (const from of [__filename, join(process.cwd(), 'package.json')]) {
    const path = resolveFrom(from);
    if (path !== undefined) return createRequire(from)(path) as UndiciModule;
  }
  throw Object.assign(
    new Error(
      "Holdline: dispatcher() needs undici, which is not installed. Run `npm install undici@7` (undici@8 needs Node 22.19), or hand it over: dispatcher(options, require('undici')). For the built-in fetch alone, `import 'holdline/register'` does without.",
    ),
    { code: 'MODULE_NOT_FOUND' },
  );
}

function resolveFrom(path: string): string | undefined {
  try {
    return createRequire(path).resolve('undici');
  } catch {
    return undefined; // not there
  }
}
