// Copied to where the packed runtime is installed, together with what lies beside it.
module.exports = {
  rootDir: __dirname,
  cacheDirectory: '<rootDir>/.cache',
  testMatch: ['<rootDir>/*.jest.{cjs,mjs}'],
  moduleFileExtensions: ['js', 'cjs', 'mjs', 'json'],
  testEnvironment: 'node',
};
