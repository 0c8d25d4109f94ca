// What the runs of Node's tests say of Holdline.
import { exceptions, shown } from './exceptions.mjs';

const MAX_EXCEPTIONS = 10;
/** Of all tests: where fewer pass on plain Node, nothing is shown. */
const LEAST_THAT_COUNT = 0.9;
/** What the exceptions may not be about: here a test must pass. */
const NEVER_EXCEPTED = /abort|timeout|keep-?alive/i;

/**
 * @param verdicts - For each file what {@link runTest} found, on plain Node and in each mode.
 * @returns The counts for each mode, what failed, and lines for people.
 */
export function judge(verdicts, modes) {
  const all = [...verdicts];
  const counted = all.filter(([, { plain }]) => plain.verdict === 'pass');
  const notCounted = all.filter(([, { plain }]) => plain.verdict !== 'pass').map(([file]) => file);
  const failures = complaintsOfTheList();
  if (counted.length < all.length * LEAST_THAT_COUNT) {
    failures.push(`only ${counted.length} of ${all.length} pass on plain Node: these tests are not for it`);
  }
  const lines = [`  on plain Node ${counted.length} pass; ${notCounted.length} do not and are not counted`];
  const passed = { http: { plain: 0 }, https: { plain: 0 } };
  for (const [file] of counted) passed[protocolOf(file)].plain++;
  for (const mode of modes) {
    const failing = counted.filter(([, found]) => found[mode].verdict !== 'pass');
    const unlisted = failing.filter(([file]) => !isExcepted(file, mode));
    const needless = counted.filter(([file, found]) => isExcepted(file, mode) && found[mode].verdict === 'pass');
    for (const [file, found] of unlisted) {
      failures.push(`${file} (${mode}): ${found[mode].why}`);
      lines.push(`\n${file}, mode ${mode}: ${found[mode].why}\n${found[mode].output.trimEnd()}\n`);
    }
    for (const [file] of needless) lines.push(`  ${file} is listed as an exception in mode ${mode}, and passes`);
    for (const protocol of ['http', 'https']) {
      passed[protocol][mode] =
        passed[protocol].plain - failing.filter(([file]) => protocolOf(file) === protocol).length;
    }
    const excepted = failing.length - unlisted.length;
    lines.push(
      `  mode ${mode}: ${counted.length - failing.length} pass, ${excepted} excepted, ${unlisted.length} FAIL`,
    );
  }
  const total = modes.reduce((sum, mode) => sum + passed.http[mode] + passed.https[mode], 0);
  return { counts: passed, notCounted, passed: total, failures, lines };
}

/** The field that the preload is to show to a test, if any. */
export function fieldShownTo(file) {
  return shown.find(({ test }) => test === file)?.field;
}

function isExcepted(file, mode) {
  return exceptions.some((exception) => exception.test === file && exception.modes.includes(mode));
}

function protocolOf(file) {
  return /\/test-(https?)-/.exec(file)[1];
}

function complaintsOfTheList() {
  const complaints = exceptions
    .filter(({ test }) => NEVER_EXCEPTED.test(test))
    .map(({ test }) => `${test} may not be an exception: it is about abort, timeout or keep-alive`);
  if (exceptions.length > MAX_EXCEPTIONS) complaints.push(`there are more than ${MAX_EXCEPTIONS} exceptions`);
  return complaints;
}
