// What the rings found, added up. Each ring gives
//   { passed: number, failed: number, failures?: string[], skipped?: { name, reason, remedy? }[] }

export class Tally {
  passed = 0;
  failed = 0;
  failures = [];
  skipped = [];

  add(ring, result) {
    this.passed += result.passed;
    this.failed += result.failed;
    for (const name of result.failures ?? []) this.failures.push(`${ring}: ${name}`);
    for (const skip of result.skipped ?? []) this.skipped.push({ ...skip, ring });
  }

  /** Prints what failed and what was skipped and why; the count line comes last, alone. Returns the exit code. */
  finish({ skipsAllowed, print }) {
    if (this.failures.length > 0) print(`\nFailed:\n${this.failures.map((name) => `  ${name}`).join('\n')}`);
    const remark = skipsAllowed ? '' : ', which HOLDLINE_TEST_ALLOW_SKIP=0 counts as failed';
    if (this.skipped.length > 0) print(`\nSkipped${remark}:`);
    for (const { ring, names, reason, remedy } of this.#skippedByReason()) {
      print(`  ${ring}: ${names.join('\n  ' + ' '.repeat(ring.length + 2))}`);
      print(`    why: ${reason}${remedy ? `\n    to run: ${remedy}` : ''}`);
    }
    const skipped = skipsAllowed ? this.skipped.length : 0;
    const failed = this.failed + (skipsAllowed ? 0 : this.skipped.length);
    print(`\n${this.passed} passed, ${failed} failed, ${skipped} skipped`);
    return failed === 0 ? 0 : 1;
  }

  #skippedByReason() {
    const groups = new Map();
    for (const { ring, name, reason, remedy } of this.skipped) {
      const key = JSON.stringify([ring, reason, remedy]);
      if (!groups.has(key)) groups.set(key, { ring, names: [], reason, remedy });
      groups.get(key).names.push(name);
    }
    return groups.values();
  }
}
