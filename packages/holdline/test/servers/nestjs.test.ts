import 'reflect-metadata';
import { setTimeout as wait } from 'node:timers/promises';
import { Controller, Get, Header, HttpCode, Module, Post, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Response } from 'express';
import type { HttpServer } from '../../src/server/index.js';
import { describeServer } from '../sockets/server/describe-server.js';
import { SLOW_MS } from '../sockets/server/routes.js';

class Routes {
  ok() {
    return 'ok';
  }

  keep() {
    return 'ok';
  }

  async slow() {
    await wait(SLOW_MS);
    return 'slow';
  }

  refuse() {
    return 'too large';
  }

  stream(response: Response) {
    response.write('one');
    setTimeout(() => response.end('two'), SLOW_MS);
  }
}

class App {
  readonly controllers = [Routes];
}

/** What decorators do, called by hand: those of TypeScript are not those of JavaScript. */
function route(name: keyof Routes, ...decorators: MethodDecorator[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(Routes.prototype, name) as PropertyDescriptor;
  for (const decorate of decorators) decorate(Routes.prototype, name, descriptor);
}

Controller()(Routes);
route('ok', Get('ok'));
route('keep', Get('keep'), Header('Connection', 'keep-alive'));
route('slow', Get('slow'));
route('stream', Get('stream'));
Res()(Routes.prototype, 'stream', 0);
route('refuse', Post('refuse'), HttpCode(413), Header('Connection', 'close'));
Module({ controllers: [Routes] })(App);

describeServer('NestJS', async () => {
  const app = await NestFactory.create(App, { logger: false, bodyParser: false });
  return {
    server: app.getHttpServer() as HttpServer,
    listen: () => app.listen(0, '127.0.0.1'),
    close: () => app.close(),
  };
});
