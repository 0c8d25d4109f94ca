import { defineConfig } from 'vitest/config';

// One project for each ring that runs under vitest; `scripts/test.mjs` runs them one after another.
export default defineConfig({
  test: {
    allowOnly: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'packages/*/test/model/**/*.test.ts',
            'packages/*/test/conformance/*.test.mjs',
            'bench/*.test.mjs',
          ],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: { name: 'architecture', include: ['packages/*/test/architecture/**/*.test.ts'], testTimeout: 20_000 },
      },
      {
        extends: true,
        test: {
          name: 'sockets',
          include: ['packages/holdline/test/sockets/**/*.test.ts'],
          // Real sockets and real clocks: files in parallel would stall one another's event loops.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'cli',
          include: ['packages/cli/test/sockets/**/*.test.ts'],
          // Real sockets and real clocks: files in parallel would stall one another's event loops.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'clients',
          include: ['packages/*/test/clients/*.test.ts'],
          fileParallelism: false,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'undici',
          include: ['packages/*/test/undici/*.test.ts'],
          fileParallelism: false,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          include: ['packages/*/test/servers/**/*.test.ts'],
          // Real clocks, and an event loop that is stalled on purpose.
          fileParallelism: false,
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: { name: 'tools', include: ['packages/*/test/tools/**/*.test.ts'], testTimeout: 60_000 },
      },
    ],
  },
});
