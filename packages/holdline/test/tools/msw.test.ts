import { describeMocking } from './mocking.js';

describeMocking('msw', { name: 'TypeError', message: 'Network error' });
