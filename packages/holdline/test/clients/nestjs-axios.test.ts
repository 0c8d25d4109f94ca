import 'reflect-metadata';
import { HttpModule, HttpService } from '@nestjs/axios';
import { NestFactory } from '@nestjs/core';
import { firstValueFrom } from 'rxjs';
import { describeClient } from './support/describe-client.js';

describeClient(
  '@nestjs/axios',
  async ({ agent }) => {
    const module = HttpModule.register({ httpAgent: agent, httpsAgent: agent, proxy: false });
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    const client = app.get(HttpService);
    return {
      send: ({ method, url, headers, body }) => firstValueFrom(client.request({ method, url, headers, data: body })),
      close: () => app.close(),
    };
  },
  { hangUpAt: 'error.cause' },
);
