// A program that knows nothing of Holdline. It asks B three times, one after the other, by an undici that it loads in a
// given way, and prints what came of it.
const [way, name, url] = process.argv.slice(2);

const clients = {
  request: ({ request }) => request(url).then(({ statusCode, body }) => body.text().then(() => statusCode)),
  fetch: ({ fetch }) => fetch(url).then((response) => response.text().then(() => response.status)),
  pool: ({ Pool }, kept) => {
    kept.pool ??= new Pool(url);
    return kept.pool
      .request({ path: '/', method: 'GET' })
      .then(({ statusCode, body }) => body.text().then(() => statusCode));
  },
};

async function load() {
  if (way === 'import') return import(name);
  const undici = require(name);
  if (way === 'before') await import('holdline/register');
  return undici;
}

async function main() {
  const undici = await load();
  for (const client of Object.values(clients)) {
    const kept = {};
    const outcomes = [];
    for (let request = 0; request < 3; request++) {
      outcomes.push(await client(undici, kept).catch(codeOf));
      for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate); // so that the connection is free again
    }
    console.log(outcomes.join(' '));
  }
  process.exit(); // not after the keep-alive timeout of the pool
}

function codeOf(error) {
  const { code } = error.cause ?? error;
  return code === 'UND_ERR_SOCKET' ? 'ECONNRESET' : code;
}

void main();
