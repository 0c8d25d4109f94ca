// Without a root it would look for one above, where other lock files are.
module.exports = { output: 'standalone', outputFileTracingRoot: __dirname, turbopack: { root: __dirname } };
