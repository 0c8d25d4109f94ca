import { inspect } from 'node:util';
import type { BudgetLimits } from './policy/budget.js';

/** The longest that a timer of Node's can wait, in ms. */
const LONGEST_MS = 2 ** 31 - 1;

/** The complaint about an option: its name, its value, and what is allowed. */
export function fail(name: string, value: unknown, expected: string): never {
  throw new TypeError(`Holdline: ${name} is ${inspect(value, { depth: 0 })}; expected ${expected}.`);
}

/** Checks that an option is an object, and has no parts but those that are known: a misspelt one would pass for unset. */
export function onlyKnown(name: string, value: unknown, known: readonly string[]): asserts value is object {
  if (typeof value !== 'object' || value === null) fail(name, value, 'an object');
  const stranger = Object.keys(value).find((key) => !known.includes(key));
  if (stranger === undefined) return;
  const path = name === 'options' ? stranger : `${name}.${stranger}`;
  fail(path, Reflect.get(value, stranger), `only ${known.join(', ')}`);
}

/** Checks a value that must be one of a few words. */
export function oneOf<Word extends string>(
  name: string,
  value: unknown,
  allowed: readonly Word[],
  otherwise: Word,
): Word {
  if (value === undefined) return otherwise;
  const word = allowed.find((each) => each === value);
  if (word === undefined) fail(name, value, allowed.map((each) => `'${each}'`).join(', '));
  return word;
}

/** Checks a yes or no. */
export function yesOrNo(name: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value !== 'boolean') fail(name, value, 'true or false');
  return value;
}

/** Checks a number from 0 of which something more must hold. */
export function number(
  name: string,
  value: unknown,
  otherwise: number,
  expected: string,
  holds: (n: number) => boolean,
): number {
  if (value === undefined) return otherwise;
  if (typeof value !== 'number' || !(value >= 0) || !holds(value)) fail(name, value, expected);
  return value;
}

/** Checks a time that a timer can wait. @param orElse - What is allowed besides, e.g. `"'auto'"`. */
export function milliseconds(name: string, value: unknown, otherwise: number, orElse?: string): number {
  const range = `ms from 0 to ${LONGEST_MS}`;
  return number(name, value, otherwise, orElse ? `${orElse}, or ${range}` : range, (n) => n <= LONGEST_MS);
}

/** Checks the limits of a budget and fills in their defaults. */
export function budgetLimits(given: unknown): BudgetLimits {
  if (given === undefined) return budgetLimits({});
  onlyKnown('budget', given, ['ratio', 'perSecond', 'burst']);
  const budget: Partial<BudgetLimits> = given;
  return {
    ratio: rate('budget.ratio', budget.ratio, 0.2),
    perSecond: rate('budget.perSecond', budget.perSecond, 10),
    burst: rate('budget.burst', budget.burst, 100),
  };
}

function rate(name: string, value: unknown, otherwise: number): number {
  return number(name, value, otherwise, 'a number from 0, or Infinity', () => true);
}

/**
 * The name under which an origin is known: `scheme://host`, with the port where it is not the scheme's own; or `unix:`
 * and the path of a socket.
 */
export function originNameOf(option: string, origin: unknown, expected: string): string {
  if (typeof origin !== 'string') fail(option, origin, expected);
  if (origin.startsWith('unix:') && origin.length > 5) return origin;
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  const bare = url?.href === `${url?.origin}/`;
  if (!url || !bare || (url.protocol !== 'http:' && url.protocol !== 'https:')) fail(option, origin, expected);
  return url.origin;
}
