import { Command, InvalidArgumentError } from 'commander';
import type { LabOptions } from '../lab/lab.js';
import { seedOf } from './arguments.js';
import { interruptible } from './interruptible.js';

/** `holdline lab`: clients, faults and traffic, judged by a ledger. */
export function labCommand(): Command {
  const run = new Command('run')
    .description('Run a suite: clients side by side before servers and faults, judged by the ledger of B.')
    .argument('[suite]', 'the name of a suite (holdline lab list), or the path of its file', 'seed')
    .option('--only <regexp>', 'only the rounds whose id fits', regExpOf)
    .option('--seed <integer>', 'draw other traffic', seedOf, 1)
    .option('--out <folder>', 'where to keep the run (default: holdline-lab/SUITE-DATE)')
    .option('--json', 'print the summary as one JSON object and nothing else', false)
    .option('--clients <ids>', 'only these clients, comma-separated; bare and holdline are all of a side', idsOf, [])
    .option('--client-script <command>', 'a client of yours that speaks the line protocol, as one more')
    .addHelpText('after', '\nExit status: 0 pass, 1 fail, 3 unknown, 2 bad usage, 130 interrupted.')
    .action(async (suite: string, flags: Omit<LabOptions, 'suite'>) => {
      const { lab } = await import('../lab/lab.js');
      await interruptible((signal) => lab({ suite, ...flags }, signal));
    });
  const list = new Command('list').description('Name the suites that come with the lab.').action(async () => {
    const { suitesText } = await import('../lab/lab.js');
    process.stdout.write(`${suitesText().join('\n')}\n`);
  });
  const report = new Command('report')
    .description('Render a run as one HTML page; prints its path.')
    .argument('<folder>', 'the folder of a run')
    .action(async (folder: string) => {
      const { writeReport } = await import('../lab/report/index.js');
      process.stdout.write(`${await writeReport(folder)}\n`);
    });
  return new Command('lab')
    .description('Measure any client against any server and fault, and let a ledger judge.')
    .addCommand(run)
    .addCommand(list)
    .addCommand(report);
}

function regExpOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function idsOf(text: string): string[] {
  return text.split(',').filter((id) => id !== '');
}
