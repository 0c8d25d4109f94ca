// A program that knows nothing of Holdline. It asks B three times, one after the other, by agents that come about in a
// given way, and prints what came of it.
const http = require('node:http');
const https = require('node:https');
const { fork } = require('node:child_process');
const { inherits } = require('node:util');
const { Worker, isMainThread, workerData } = require('node:worker_threads');

const [way, url] = isMainThread ? process.argv.slice(2) : workerData;
const client = url.startsWith('https:') ? https : http;

const agents = {
  'the global agent': () => undefined,
  'an agent that keeps connections': () => new client.Agent({ keepAlive: true }),
  'an agent that was made without new': () => http.Agent({ keepAlive: true }),
  'an agent of a constructor that calls http.Agent': () => {
    function Legacy() {
      http.Agent.call(this, { keepAlive: true });
    }
    inherits(Legacy, http.Agent);
    return new Legacy();
  },
  'an agent of a class that makes its connections by super': () => {
    class Sub extends client.Agent {
      createConnection(options, ...rest) {
        return super.createConnection({ ...options, noDelay: true }, ...rest);
      }
      keepSocketAlive(socket) {
        return super.keepSocketAlive(socket);
      }
      reuseSocket(...args) {
        super.reuseSocket(...args);
      }
    }
    return new Sub({ keepAlive: true });
  },
  'an agent that keeps no connections': () => new client.Agent({ keepAlive: false }),
};

/** The built-in fetch, asked for after one thing or another has had Node load its undici. */
const fetches = {
  'the built-in fetch': () => {},
  'the built-in fetch, though something else of its was used first': () => new Headers(),
  'the built-in fetch that was there before Holdline': () => import('holdline/register'),
};

async function fetchThrice() {
  const outcomes = [];
  for (let request = 0; request < 3; request++) {
    outcomes.push(await fetch(url).then(statusOf, codeOf));
    await turns(3); // so that the connection is free again
  }
  console.log(outcomes.join(' '));
}

async function turns(count) {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

async function statusOf(response) {
  await response.text();
  return response.status;
}

function codeOf({ cause }) {
  return cause.code === 'UND_ERR_SOCKET' ? 'ECONNRESET' : cause.code;
}

async function askThrice(agent) {
  const outcomes = [];
  for (let request = 0; request < 3; request++) outcomes.push(await ask(agent));
  console.log(outcomes.join(' '));
}

function ask(agent) {
  return new Promise((resolve) => {
    const request = client.get(url, { agent }, (response) => {
      response.resume();
      // the agent takes the socket back a moment after the response's end
      response.on('end', () => setImmediate(resolve, response.statusCode));
    });
    request.on('error', (error) => resolve(error.code));
  });
}

async function main() {
  if (way === 'a worker' && isMainThread) {
    const worker = new Worker(__filename, { workerData: [way, url] });
    await new Promise((resolve) => worker.on('exit', resolve));
  } else if (way === 'a process that it forked' && !process.send) {
    fork(__filename, [way, url]);
  } else if (way === 'an agent that was there before Holdline') {
    const agent = new client.Agent({ keepAlive: true });
    await import('holdline/register');
    await askThrice(agent);
  } else if (fetches[way]) {
    if (way.endsWith('before Holdline')) await fetch(url).then(statusOf);
    await fetches[way]();
    await fetchThrice();
  } else {
    await askThrice(agents[way]?.());
  }
}

void main();
