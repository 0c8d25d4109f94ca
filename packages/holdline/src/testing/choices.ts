const SEPARATOR = '.';

/**
 * Makes the choices of one run of a scenario: first those that were given, then always the first option, and remembers
 * what there was to choose from.
 */
export class Choices {
  readonly #given: readonly number[];
  readonly #wraps: boolean;
  readonly #made: { index: number; options: number; name: string }[] = [];

  /** @param wraps - A number that is too large goes round, instead of being a mistake. */
  constructor(given: readonly number[] = [], wraps = false) {
    this.#given = given;
    this.#wraps = wraps;
  }

  /**
   * Chooses one of several options.
   *
   * @param options - At least one.
   * @param nameOf - What to call an option in the trace of a failure.
   */
  among<Option>(options: readonly Option[], nameOf: (option: Option) => string = String): Option {
    const number = this.#given[this.#made.length] ?? 0;
    const index = this.#wraps ? number % options.length : number;
    const option = options[index];
    if (option === undefined || index >= options.length) {
      throw new RangeError(`Holdline: choice ${this.#made.length} is ${index}; there are ${options.length} options.`);
    }
    this.#made.push({ index, options: options.length, name: nameOf(option) });
    return option;
  }

  /** The choices made, as {@link replayWalk} takes them; those of a first option at the end are left out. */
  get path(): string {
    const last = this.#made.findLastIndex(({ index }) => index > 0);
    return this.#made
      .slice(0, last + 1)
      .map(({ index }) => index)
      .join(SEPARATOR);
  }

  /** The names of what was chosen. */
  get trace(): readonly string[] {
    return this.#made.map(({ name }) => name);
  }

  /** The choices of the next run, depth first; `undefined` after the last. */
  next(): readonly number[] | undefined {
    for (let at = this.#made.length - 1; at >= 0; at--) {
      const choice = this.#made[at];
      if (!choice || choice.index + 1 >= choice.options) continue;
      return [...this.#made.slice(0, at).map(({ index }) => index), choice.index + 1];
    }
    return undefined;
  }
}

/** One run: it makes each decision by `choices`, depends on nothing else, and throws where something is wrong. */
export type Scenario = (choices: Choices) => void | Promise<void>;

/**
 * Runs a scenario once for every sequence of choices that it can make.
 *
 * @param most - The walk fails where there are more runs than this.
 * @returns How many runs there were.
 * @throws The first failure, with the choices that led to it.
 * @example
 * const sums: number[] = [];
 * await walk((choices) => {
 *   sums.push(choices.among([1, 2]) + choices.among([10, 20]));
 * }, 100);
 * // sums: [11, 21, 12, 22]
 */
export async function walk(scenario: Scenario, most: number): Promise<number> {
  let given: readonly number[] | undefined = [];
  let runs = 0;
  while (given) {
    if (runs === most) throw new Error(`Holdline: the walk has more than ${most} runs; bound the scenario.`);
    const choices: Choices = new Choices(given);
    await run(scenario, choices);
    runs++;
    given = choices.next();
  }
  return runs;
}

/**
 * Runs a scenario with the choices that a failure's message states.
 *
 * @example
 * await replayWalk(scenario, '0.3.1');
 */
export async function replayWalk(scenario: Scenario, path: string): Promise<void> {
  await run(scenario, new Choices(path === '' ? [] : path.split(SEPARATOR).map(Number)));
}

/**
 * Runs a scenario once with choices made by any numbers, e.g. those of a property test.
 *
 * @example
 * fc.assert(fc.asyncProperty(fc.array(fc.nat()), (numbers) => walkAlong(scenario, numbers)));
 */
export async function walkAlong(scenario: Scenario, numbers: readonly number[]): Promise<void> {
  await run(scenario, new Choices(numbers, true));
}

async function run(scenario: Scenario, choices: Choices): Promise<void> {
  try {
    await scenario(choices);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const told = `${message}\nafter: ${choices.trace.join(' · ')}\nreplayWalk(scenario, '${choices.path}') runs it again`;
    throw new Error(told, { cause: error });
  }
}
