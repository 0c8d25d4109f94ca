import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../duration.js';

/** Reads a duration, in ms. */
export function durationOf(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** Reads a whole number. */
export function integerOf(text: string, least: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < least)
    throw new InvalidArgumentError(`expected a whole number from ${least}.`);
  return number;
}

/** Reads `--seed`. */
export function seedOf(text: string): number {
  return integerOf(text, 0);
}
