import { fileURLToPath } from 'node:url';
import type { ServerSpec } from '../roles.js';
import { lackOf } from './commands.js';
import { startApp, versionOf } from './own-app.js';

const directory = fileURLToPath(new URL('../../../lab', import.meta.url));
const words = ['--config', `${directory}/gunicorn_b.py`, '--pythonpath', directory, 'gunicorn_b:application'];

/**
 * gunicorn with threads, and a program of ours in it. It looks at its idle connections once a second, so that it closes
 * up to a second after the limit, and it gives no hint.
 */
export const gunicorn: ServerSpec = {
  id: 'gunicorn',
  title: 'gunicorn',
  obeys: ['crash'],
  countsRequests: true,
  lack: () => lackOf('gunicorn', 'gunicorn'),
  start: async (context) => ({
    version: `gunicorn/${await versionOf('gunicorn', ['--version'], /version ([\d.]+)/)}`,
    ...(await startApp({ command: 'gunicorn', words }, context)),
  }),
};
