import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { nearest } from './nearest.js';
import { type Names, type Suite, suiteOf, suiteSchema } from './suite.js';

const SUITES = fileURLToPath(new URL('../../suites', import.meta.url));

/** What is wrong with a suite's file, a line each: `FILE:LINE:COLUMN: …`. */
export class SuiteError extends Error {
  override readonly name = 'SuiteError';
}

/** The suites that come with the lab. */
export function listSuites(names: Names): Suite[] {
  const files = readdirSync(SUITES).filter((name) => name.endsWith('.yaml'));
  return files.sort().map((file) => readSuite(join(SUITES, file), names));
}

/** Finds a suite by its name, or reads the file of one. */
export function findSuite(nameOrPath: string, names: Names): Suite {
  if (/[./\\]/.test(nameOrPath)) return readSuite(nameOrPath, names);
  const known = readdirSync(SUITES).map((name) => basename(name, '.yaml'));
  if (known.includes(nameOrPath)) return readSuite(join(SUITES, `${nameOrPath}.yaml`), names);
  throw new SuiteError(
    `there is no suite ${JSON.stringify(nameOrPath)}${orNearest(nameOrPath, known)}, or the path of a file`,
  );
}

function readSuite(path: string, names: Names): Suite {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SuiteError(`${path}: ${(error as Error).message}, expected a suite's file`, { cause: error });
  }
  return parseSuite(text, path, names);
}

/**
 * Parses a suite's file.
 *
 * @throws SuiteError that tells where what was found, what was expected, and the nearest known name.
 */
export function parseSuite(text: string, path: string, names: Names): Suite {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  if (document.errors.length > 0)
    throw new SuiteError(document.errors.map(({ pos, message }) => `${at(pos[0])}: ${message}`).join('\n'));
  const schema = suiteSchema(names);
  const parsed = v.safeParse(schema, document.toJS());
  if (parsed.success) return suiteOf(parsed.output);
  const wrong = parsed.issues.map(deepest).map((issue) => {
    const keys = (issue.path ?? []).map(({ key }) => key);
    const isKey = issue.path?.at(-1)?.origin === 'key';
    const offset = offsetOf(document.contents, keys, isKey);
    return `${at(offset)}: ${keys.join('.') || 'the file'}: ${describe(issue, isKey, settingsAt(schema, keys.slice(0, -1)))}`;
  });
  throw new SuiteError([...new Set(wrong)].join('\n'));
}

/** A union's complaint says little: of its branches, the one that came furthest says what was meant. */
function deepest(issue: v.BaseIssue<unknown>): v.BaseIssue<unknown> {
  if (issue.type !== 'union' || !issue.issues) return issue;
  const depth = (one: v.BaseIssue<unknown>) => (one.path?.length ?? 0) + (one.type === 'picklist' ? 0.5 : 0);
  const [furthest = issue] = issue.issues.map(deepest).sort((one, other) => depth(other) - depth(one));
  const path = [...(issue.path ?? []), ...(furthest.path ?? [])] as unknown as NonNullable<typeof issue.path>;
  return { ...furthest, path };
}

function describe(issue: v.BaseIssue<unknown>, isKey: boolean, settings: readonly string[]): string {
  if (issue.type === 'check') return `expected ${issue.message}`;
  if (isKey && issue.expected === 'never')
    return `there is no such setting${orNearest(String(issue.path?.at(-1)?.key), settings)}`;
  if (isKey) return 'is missing';
  if (issue.type === 'picklist') {
    const options = (issue as unknown as { requirement?: unknown; expected: string | null }).expected ?? '';
    const known = [...options.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
    return `found ${issue.received}${orNearest(String(issue.input), known)}`;
  }
  if (issue.type === 'regex') return `found ${issue.received}, expected ${issue.message}`;
  return `found ${issue.received}, expected ${expectation(issue)}`;
}

/** The settings that may stand at a path of the schema. */
function settingsAt(schema: unknown, keys: readonly unknown[]): string[] {
  const { entries, item, options, wrapped } = schema as {
    entries?: Record<string, unknown>;
    item?: unknown;
    options?: readonly unknown[];
    wrapped?: unknown;
  };
  if (wrapped) return settingsAt(wrapped, keys);
  if (options) return options.flatMap((option) => settingsAt(option, keys));
  if (keys.length === 0) return Object.keys(entries ?? {});
  const [key, ...rest] = keys;
  return item
    ? settingsAt(item, rest)
    : entries && String(key) in entries
      ? settingsAt(entries[String(key)], rest)
      : [];
}

function expectation({ type, expected, requirement }: v.BaseIssue<unknown>): string {
  if (type === 'integer') return 'a whole number';
  if (type === 'min_value') return `at least ${String(requirement)}`;
  if (type === 'max_value') return `at most ${String(requirement)}`;
  return expected ?? 'something else';
}

function orNearest(name: string, known: readonly string[]): string {
  const suggestion = nearest(name, known);
  const all = known.length <= 12 ? known.join(', ') : `${known.slice(0, 12).join(', ')} and others`;
  return suggestion === undefined
    ? `, expected one of ${all}`
    : `, did you mean ${JSON.stringify(suggestion)}? Known are ${all}`;
}

/** Where in the text the value, or the key, at a path stands; of one that is missing, what it is missing in. */
function offsetOf(root: Node | null, keys: readonly unknown[], isKey: boolean): number {
  let node: Node | null | undefined = root;
  let offset = 0;
  for (const [index, key] of keys.entries()) {
    offset = node?.range?.[0] ?? offset;
    if (isMap(node)) {
      const pair = node.items.find(({ key: one }) => isScalar(one) && one.value === key);
      if (!pair) return offset;
      if (isKey && index === keys.length - 1) return (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else {
      node = (node as unknown as { items?: Node[] } | null)?.items?.[key as number];
    }
  }
  return node?.range?.[0] ?? offset;
}
