import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Lack } from '../roles.js';

/** Servers stand where only root's PATH leads. */
const ALSO = ['/usr/sbin', '/usr/local/sbin', '/usr/local/go/bin'];

/** Where a command is, if it is anywhere. */
export function findCommand(name: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), ...ALSO];
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** That a command is not installed, and by which package of Debian's it would be. */
export async function lackOf(command: string, debianPackage: string): Promise<Lack | undefined> {
  if (findCommand(command) !== undefined) return undefined;
  return { what: command, remedy: `sudo apt-get install ${debianPackage}` };
}
