import type { Greeting, HeadFault, Sample } from './observation.js';
import { type ResponseHead, readHint } from './response.js';

/** What came of the first request of a survey. */
export interface FirstAnswer {
  readonly sample: Sample;
  readonly head?: ResponseHead;
  readonly tlsVersion?: string;
}

/** HEAD is not known to such a server: GET is. */
const HEAD_REFUSED = [405, 501];

/** Whether a server does not take HEAD, or does not keep the connection after it. */
export function refuses({ status, keepsOpen }: ResponseHead): boolean {
  return HEAD_REFUSED.includes(status) || !keepsOpen;
}

/** Why a server is not to be measured by HEAD. */
export function headFaultOf({ sample, head }: FirstAnswer): HeadFault | undefined {
  const { ending } = sample;
  if (ending.kind === 'failed') return ending.failure.code === 'not-http' ? 'body' : undefined;
  if (!head || !refuses(head)) return undefined;
  return head.keepsOpen ? 'refused' : 'closes';
}

/** What the first response said. */
export function greetingOf(
  { status, httpVersion, headers, keepsOpen }: ResponseHead,
  method: string,
  more: Pick<Greeting, 'headFault' | 'headStatus' | 'tlsVersion'>,
): Greeting {
  const hint = readHint(headers);
  return {
    method,
    status,
    httpVersion,
    keepsOpen,
    ...(hint.timeoutMs !== undefined && { hintMs: hint.timeoutMs }),
    ...(hint.max !== undefined && { hintMax: hint.max }),
    ...(headers['server'] !== undefined && { server: headers['server'] }),
    ...(headers['location'] !== undefined && { location: headers['location'] }),
    ...more,
  };
}
