import { describe, expect, it } from 'vitest';
import type { ConnectOptions } from '../line/dial.js';
import { goesByProxy, isProcessProxied } from './env-proxy.js';

const PROXY = 'http://127.0.0.1:3128';

describe('a connection goes through a proxy as Node has it', () => {
  const by = (to: ConnectOptions, noProxy?: string) =>
    goesByProxy('http:', { HTTP_PROXY: PROXY, ...(noProxy !== undefined && { NO_PROXY: noProxy }) }, to);

  it('by the variable of its protocol, in lower case first', () => {
    const to = { host: 'b' };
    expect(goesByProxy('http:', { HTTP_PROXY: PROXY }, to)).toBe(true);
    expect(goesByProxy('https:', { HTTP_PROXY: PROXY }, to)).toBe(false);
    expect(goesByProxy('https:', { https_proxy: PROXY }, to)).toBe(true);
    expect(goesByProxy('http:', { http_proxy: 'socks5://p', HTTP_PROXY: PROXY }, to)).toBe(false);
    expect(goesByProxy('http:', {}, to)).toBe(false);
  });

  it('but not to a Unix socket', () => {
    expect(by({ socketPath: '/run/b.sock' })).toBe(false);
  });

  it.each([
    ['*', 'b', false],
    ['b', 'b', false],
    ['B', 'b', false],
    ['other, b', 'b', false],
    ['b', 'x.b', true],
    ['.example.com', 'a.example.com', false],
    ['.example.com', 'example.com', false],
    ['.example.com', 'badexample.com', true],
    ['*.example.com', 'a.example.com', false],
    ['*.example.com', 'example.com', true],
    ['b:8080', 'b', false],
    ['b:8081', 'b', true],
    ['10.0.0.1-10.0.0.9', '10.0.0.5', false],
    ['10.0.0.1-10.0.0.9', '10.0.1.5', true],
    ['10.0.0.9-10.0.0.1', '10.0.0.5', true],
    ['a-b', '10.0.0.5', true],
    ['', 'b', true],
  ])('nor where NO_PROXY is %j and the host is %j: %j', (noProxy, host, goes) => {
    expect(by({ host, port: 8080 }, noProxy)).toBe(goes);
  });
});

it('a process is told to use its proxies by a variable or a flag', () => {
  const env = {};
  expect(isProcessProxied({ env, execArgv: [] })).toBe(false);
  expect(isProcessProxied({ env: { NODE_USE_ENV_PROXY: '1' }, execArgv: [] })).toBe(true);
  expect(isProcessProxied({ env: { NODE_USE_ENV_PROXY: '0' }, execArgv: [] })).toBe(false);
  expect(isProcessProxied({ env, execArgv: ['--use-env-proxy'] })).toBe(true);
  expect(isProcessProxied({ env: { NODE_OPTIONS: '--no-warnings --use-env-proxy' }, execArgv: [] })).toBe(true);
});
