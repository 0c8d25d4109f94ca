// What a mutant is made of: exact edits of the sources, and the tests that it must not survive, some of them with each
// undici and the built-in fetch as A, or why these cannot see it.
import { clients } from './clients.mjs';

export const unit = (file, test) => ({ project: 'unit', file: `src/${file}.test.ts`, test });
export const sockets = (file, test) => ({ project: 'sockets', file: `test/sockets/${file}.test.ts`, test });

/** With each undici and the built-in fetch as A, `but` for one of `clients.mjs`. */
export const byUndici = (file, test, { but } = {}) =>
  clients
    .filter(({ name }) => name !== but)
    .map(({ name }) => ({
      project: 'undici',
      file: `test/undici/${file}.test.ts`,
      test: `${name} ${test}`,
      client: name,
    }));

/** `at`: a file without its ending, or a folder, in which `find` stands exactly once. */
export const edit = (at, find, replace) => ({ at: `src/${at}`, find, replace });
export const without = (at, find) => edit(at, find, '');
