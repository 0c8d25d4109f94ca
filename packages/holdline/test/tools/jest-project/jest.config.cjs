// With FAKE_FROM=start, time is fake before anything is loaded; else the tests make it so.
module.exports = {
  rootDir: __dirname,
  cacheDirectory: '<rootDir>/../node_modules/.cache/jest',
  testMatch: ['<rootDir>/*.jest.cjs'],
  testEnvironment: 'node',
  fakeTimers: { enableGlobally: process.env.FAKE_FROM === 'start' },
};
