// Each subpath of the installed `holdline` that is code.
const { exports: subpaths } = require('holdline/package.json');

module.exports = Object.entries(subpaths)
  .filter(([, target]) => typeof target !== 'string')
  .map(([subpath]) => subpath.replace('.', 'holdline'));
