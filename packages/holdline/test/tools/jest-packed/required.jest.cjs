test.each(require('./subpaths.cjs'))('%s is required', (specifier) => {
  expect(Object.keys(require(specifier)).length).toBeGreaterThan(0);
});
