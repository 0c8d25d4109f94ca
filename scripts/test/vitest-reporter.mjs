// Tells what vitest did in the form that every ring uses (see tally.mjs). Vitest's own JSON reporter leaves out why a
// test was skipped, and counts neither a file that could not be loaded nor an error outside a test.
import { writeFileSync } from 'node:fs';

export default class ResultReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const result = { passed: 0, failed: 0, skipped: [], failures: [] };
    const fail = (name) => {
      result.failed += 1;
      result.failures.push(name);
    };
    for (const module of modules) {
      const file = module.relativeModuleId ?? module.moduleId;
      for (const _ of module.errors()) fail(`${file} (outside its tests)`);
      for (const suite of module.children.allSuites()) {
        for (const _ of suite.errors()) fail(`${file} > ${suite.fullName} (in its hooks)`);
      }
      for (const test of module.children.allTests()) {
        const name = `${file} > ${test.fullName}`;
        const { state, note } = test.result();
        if (state === 'passed') result.passed += 1;
        else if (state === 'skipped' && note) result.skipped.push({ name, reason: note });
        else if (state === 'skipped') fail(`${name} (skipped without a reason: use \`ctx.skip(condition, 'reason')\`)`);
        else fail(name);
      }
    }
    if (modules.length === 0) fail('there are no such tests');
    for (const error of unhandledErrors) fail(`an error that no test caught: ${error.message}`);
    writeFileSync(process.env.HOLDLINE_RESULT, JSON.stringify(result));
  }
}
