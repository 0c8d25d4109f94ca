import { describe, expect, test } from 'vitest';
import { parseTarget } from './target.js';

describe('a URL is taken as people write it', () => {
  test.each([
    ['https://b.example', { url: 'https://b.example/', secure: true, host: 'b.example', port: 443, path: '/' }],
    ['b.example/health?x=1', { secure: true, port: 443, path: '/health?x=1' }],
    ['localhost:3000', { secure: false, host: 'localhost', port: 3_000, authority: 'localhost:3000' }],
    ['http://[::1]:8080/', { secure: false, host: '::1', port: 8_080, authority: '[::1]:8080' }],
  ])('%s', (text, target) => {
    expect(parseTarget(text)).toMatchObject(target);
  });

  test('with addresses for its host and port only', () => {
    const resolve = [
      'b.example:443:192.0.2.1',
      'b.example:443:[2001:db8::1]',
      'c.example:443:192.0.2.9',
      'b.example:80:192.0.2.8',
    ];
    expect(parseTarget('https://b.example', { resolve }).addresses).toEqual(['192.0.2.1', '2001:db8::1']);
  });

  test('with a proxy whose password is not shown to the server', () => {
    const { proxy, authority } = parseTarget('https://b.example', { proxy: 'http://me:p%40ss@proxy:3128' });
    expect(proxy).toEqual({ host: 'proxy', port: 3_128, authorization: `Basic ${btoa('me:p@ss')}` });
    expect(authority).toBe('b.example');
  });
});
