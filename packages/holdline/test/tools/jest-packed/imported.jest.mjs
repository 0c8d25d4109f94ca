import subpaths from './subpaths.cjs';

test.each(subpaths)('%s is imported, with its named exports', async (specifier) => {
  const { default: required, ...named } = await import(specifier);
  expect(Object.keys(required).length).toBeGreaterThan(0);
  expect(named).toMatchObject({ ...required });
});
