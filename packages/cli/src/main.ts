#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { chaosCommand } from './commands/chaos.js';
import { demoCommand } from './commands/demo.js';
import { labCommand } from './commands/lab.js';
import { probeCommand } from './commands/probe.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('holdline')
  .description('See, measure and prove what pooled HTTP connections do when a server closes them.')
  .version(version)
  .addCommand(demoCommand())
  .addCommand(probeCommand())
  .addCommand(chaosCommand())
  .addCommand(labCommand());
for (const command of withAllBelow(program)) command.exitOverride().showHelpAfterError();

/** Errors that say what is wrong with what was typed, or with a file that was named. */
const USAGE_ERRORS: ReadonlySet<string> = new Set(['UsageError', 'SuiteError']);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Bad usage exits with 2, as other tools do; help and version with 0.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof Error && USAGE_ERRORS.has(error.name)) {
    process.stderr.write(`holdline: ${error.message}\n`);
    process.exitCode = 2;
  } else {
    process.stderr.write(`holdline: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

function withAllBelow(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withAllBelow)];
}
