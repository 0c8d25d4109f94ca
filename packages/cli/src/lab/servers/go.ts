import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ServerSpec } from '../roles.js';
import { findCommand, lackOf } from './commands.js';
import { startApp, versionOf } from './own-app.js';

const source = fileURLToPath(new URL('../../../lab/b.go', import.meta.url));

/** Go's net/http, as a program of ours that is built for each round; Go keeps what it has built. */
export const go: ServerSpec = {
  id: 'go',
  title: 'Go net/http',
  // It reads what comes of a body before it answers, whatever the program does.
  obeys: ['crash', 'close-idle'],
  countsRequests: true,
  lack: async () =>
    process.platform === 'linux'
      ? lackOf('go', 'golang-go')
      : { what: 'Linux', remedy: "Linux: the program reads Linux's clock" },
  async start(context) {
    const command = findCommand('go') ?? 'go';
    const program = join(context.directory, 'b');
    const env = { ...process.env, CGO_ENABLED: '0', GO111MODULE: 'off' };
    await promisify(execFile)(command, ['build', '-o', program, source], { env });
    return {
      version: `go/${await versionOf(command, ['version'], /go([\d.]+)/)}`,
      ...(await startApp({ command: program, words: [] }, context)),
    };
  },
};
