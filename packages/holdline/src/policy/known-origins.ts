/** Origins whose documentation promises that they execute requests with the same `Idempotency-Key` once. */
export const HONOURS_KEYS: readonly string[] = [
  'https://api.stripe.com', // https://docs.stripe.com/api/idempotent_requests
];
