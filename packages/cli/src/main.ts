#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { chaosCommand } from './commands/chaos.js';
import { demoCommand } from './commands/demo.js';
import { probeCommand } from './commands/probe.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('holdline')
  .description('See, measure and prove what pooled HTTP connections do when a server closes them.')
  .version(version)
  .addCommand(demoCommand())
  .addCommand(probeCommand())
  .addCommand(chaosCommand());
for (const command of [program, ...program.commands]) command.exitOverride().showHelpAfterError();

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Bad usage exits with 2, as other tools do; help and version with 0.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`holdline: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
