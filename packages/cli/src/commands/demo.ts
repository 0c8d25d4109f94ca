import { Command } from 'commander';
import { demo } from '../demo/demo.js';
import { seedOf } from './arguments.js';
import { interruptible } from './interruptible.js';

interface Options {
  readonly fast: boolean;
  readonly json: boolean;
  readonly seed: number;
}

/** `holdline demo`: the incident, reproduced and cured. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('Reproduce "socket hang up" with real processes, and see it cured (under a minute).')
    .option('--fast', 'scale the idle limit of B down: about 12 s', false)
    .option('--json', 'print one JSON object and nothing else', false)
    .option('--seed <integer>', 'draw other traffic', seedOf, 1)
    .action((options: Options) => interruptible((signal) => demo(options, signal)));
}
