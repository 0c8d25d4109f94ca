import { describeMocking } from './mocking.js';

describeMocking('nock', { name: 'Error', message: 'mocked error' });
