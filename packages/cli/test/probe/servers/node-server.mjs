// A plain server of whichever Node runs this: node-server.mjs ADDRESS PORT KEEP_ALIVE_MS [PEM]; 0 leaves the default.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const [address, port, keepAliveMs, pem] = process.argv.slice(2);
const answer = (_request, response) => response.end('ok');
const tls = pem && { key: readFileSync(pem), cert: readFileSync(pem) };
const server = tls ? https.createServer(tls, answer) : http.createServer(answer);
if (Number(keepAliveMs) > 0) server.keepAliveTimeout = Number(keepAliveMs);
server.listen({ host: address, port: Number(port), backlog: 4096 });
