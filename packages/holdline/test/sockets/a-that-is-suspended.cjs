// A in a process of its own, so that it can be stopped: one GET at once, then a POST when told.
const http = require('node:http');
const { Agent } = require('../../dist/index.js');

const port = Number(process.argv[2]);
const agent = new Agent({ marginMs: 0, origins: { [`http://127.0.0.1:${port}`]: { idleLimitMs: 600_000 } } });

function ask(method, done) {
  const request = http.request({ host: '127.0.0.1', port, agent, method }, (response) => {
    response.resume().on('end', () => setImmediate(done, response.statusCode));
  });
  request.on('error', (error) => done(error.message));
  request.end();
}

ask('GET', () => process.send('ready'));
process.on('message', () =>
  ask('POST', (status) => process.send({ status, counts: agent.counts() }, () => process.exit())),
);
