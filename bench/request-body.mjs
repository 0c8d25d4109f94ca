/** The body of every POST. */
export const BODY = Buffer.alloc(1_024, '{"item":7} ');
