import { expect, test } from 'vitest';
import { cases } from './cases.mjs';
import { compare } from './compare.mjs';

const first = { connection: 0, nth: 0, request: 'GET /plain', executions: 1 };
const get = (more) => ({ connection: 0, nth: 1, request: 'GET /fin', executions: 1, ...more });
const post = (more) => get({ request: 'POST /fin', ...more });
const hangUp = { name: 'Error', code: 'ECONNRESET', message: 'socket hang up' };
const answered = { answer: { status: 200 }, events: { ended: ['answer'] } };
const failed = { error: hangUp, events: { ended: ['error'] } };
const outcomeOf = (name, bare, other) => compare(cases[name], bare, other).outcome;

test('a hang-up under a GET that is answered after one repetition is cured', () => {
  const bare = { ...failed, ledger: [first, get()] };
  expect(outcomeOf('FIN in flight', bare, bare)).toBe('same');
  const again = { ...answered, ledger: [first, get(), get({ connection: 1, nth: 0 })] };
  expect(outcomeOf('FIN in flight', bare, again)).toBe('cured');
});

test('a POST that was carried out twice is a difference, even if it was answered', () => {
  const bare = { ...failed, ledger: [first, post()] };
  const twice = { ...answered, ledger: [first, post(), post({ connection: 1, nth: 0 })] };
  expect(outcomeOf('FIN in flight, POST', bare, twice)).toBe('differs');
});

test('an explained hang-up is told; another error in its place is a difference', () => {
  const bare = { ...failed, ledger: [first, post()] };
  expect(outcomeOf('FIN in flight, POST', bare, { ...bare, error: { ...hangUp, hangUp: 'no-evidence' } })).toBe('told');
  expect(outcomeOf('FIN in flight, POST', bare, { ...bare, error: { ...hangUp, message: 'oh' } })).toBe('differs');
});

test('an event may come in its own context rather than in another request’s, and not the other way', () => {
  const own = { answer: { status: 200 }, ledger: [first, get()], events: { response: ['data', 'end'] } };
  const foreign = { ...own, events: { response: ['data (context: of the first request)', 'end'] } };
  expect(outcomeOf('reuse, GET', foreign, own)).toBe('own context');
  expect(outcomeOf('reuse, GET', own, foreign)).toBe('differs');
  expect(outcomeOf('reuse, GET', { ...own, events: { response: ['end', 'data'] } }, own)).toBe('differs');
});

test('a cell in which the bare client could not do what the case asks for shows nothing', () => {
  const refused = { error: { name: 'TypeError', message: 'invalid url' }, events: {}, ledger: [] };
  expect(outcomeOf('chunked', refused, refused)).toBe('differs');
  expect(outcomeOf('silent drop', refused, refused)).toBe('differs');
});

test('an error that no request tells of is a difference', () => {
  const fine = { ...answered, ledger: [first, get()] };
  expect(outcomeOf('reuse, GET', fine, { ...fine, astray: [hangUp] })).toBe('differs');
});
