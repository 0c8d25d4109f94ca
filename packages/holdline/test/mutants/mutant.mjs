// What a mutant is made of: exact edits of the sources, and the tests that it must not survive.

export const unit = (file, test) => ({ project: 'unit', file: `src/${file}.test.ts`, test });
export const sockets = (file, test) => ({ project: 'sockets', file: `test/sockets/${file}.test.ts`, test });

/** `at`: a file without its ending, or a folder, in which `find` stands exactly once. */
export const edit = (at, find, replace) => ({ at: `src/${at}`, find, replace });
export const without = (at, find) => edit(at, find, '');
