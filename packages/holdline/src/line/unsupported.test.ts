import { expect, it } from 'vitest';
import { otherRuntime } from './unsupported.js';

const node = { process: { versions: { node: '24.0.0' } } };

it.each([
  [{ process: { versions: { node: '24.0.0', bun: '1.3.0' } } }, 'Bun'],
  [{ ...node, Deno: {} }, 'Deno'],
  [{ process: { versions: { node: '24.0.0', deno: '2.5.0' } } }, 'Deno'],
  [{ ...node, EdgeRuntime: 'edge-runtime' }, 'an edge runtime'],
  [{ ...node, navigator: { userAgent: 'Cloudflare-Workers' } }, 'an edge runtime'],
  [{ process: {} }, 'an edge runtime'],
  [{}, 'an edge runtime'],
  [node, undefined],
  [{ ...node, navigator: { userAgent: 'Node.js/24' } }, undefined],
])('the runtime with the globals %j is %j', (globals, name) => {
  expect(otherRuntime(globals)).toBe(name);
});
