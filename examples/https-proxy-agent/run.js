// Sends requests through a proxy to a B that ends connections over some of them, without Holdline and with it.
import http from 'node:http';
import net from 'node:net';
import { Agent } from 'holdline';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { throughProxy } from './through-proxy.js';

const REQUESTS = 20;

/** Every fifth request on a connection finds that B has had enough of it. */
const served = new WeakMap();
const b = http.createServer(({ socket }, response) => {
  served.set(socket, (served.get(socket) ?? 0) + 1);
  if (served.get(socket) === 5) socket.destroy();
  else response.end('ok');
});

let tunnels = 0;
const proxy = http.createServer().on('connect', ({ url }, socket) => {
  tunnels++;
  const { hostname, port } = new URL(`http://${url}`);
  const onward = net.connect(port, hostname, () => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    socket.pipe(onward).pipe(socket);
  });
  onward.on('error', () => socket.destroy()).on('close', () => socket.destroy());
  socket.on('error', () => onward.destroy()).on('close', () => onward.destroy());
});

function listen(server) {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`));
  });
}

function get(url, agent) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      response.resume().on('end', () => setImmediate(resolve));
    });
    request.on('error', reject);
  });
}

const [url, proxyUrl] = await Promise.all([listen(b), listen(proxy)]);
let failures = 0;
for (const [name, agent] of [
  ['HttpsProxyAgent', new HttpsProxyAgent(proxyUrl, { keepAlive: true })],
  ['Holdline through it', throughProxy(new Agent(), proxyUrl)],
]) {
  failures = 0;
  tunnels = 0;
  for (let i = 0; i < REQUESTS; i++) await get(url, agent).catch(() => failures++);
  console.log(`${name.padEnd(20)} ${REQUESTS} requests, ${tunnels} tunnels, ${failures} failed`);
  agent.destroy();
}
b.close();
proxy.close();
process.exitCode = failures === 0 ? 0 : 1;
