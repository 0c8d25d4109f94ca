import type { Fault } from '../roles.js';

const MAX_REQUESTS = 5;

/** B closes a connection after some requests, and says so in the last answer. */
export const maxRequests: Fault = {
  id: 'max-requests',
  title: 'max requests, announced',
  maxRequestsPerConnection: MAX_REQUESTS,
};

/** The same without a word. */
export const maxRequestsSilent: Fault = {
  id: 'max-requests-silent',
  title: 'max requests, silent',
  link: { maxRequests: MAX_REQUESTS },
};
