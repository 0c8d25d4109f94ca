/** What Holdline does not support: it steps aside, and says so once. */
export type Cause = 'runtime' | 'proxy' | 'http2';

const told = new Set<Cause>();

/**
 * Tells the process, once for each cause, what is not supported and what to do. It goes where Node's own warnings go:
 * `process.on('warning')`, or stderr; its code is `HOLDLINE_UNSUPPORTED`.
 */
export function warnUnsupported(cause: Cause, message: string): void {
  if (told.has(cause)) return;
  told.add(cause);
  process.emitWarning?.(`Holdline: ${message}`, { type: 'HoldlineWarning', code: 'HOLDLINE_UNSUPPORTED' });
}

/** What of a program's globals tells the runtime. */
export interface Globals {
  readonly process?: { readonly versions?: Readonly<Record<string, string | undefined>> };
  readonly Deno?: unknown;
  readonly EdgeRuntime?: unknown;
  readonly navigator?: { readonly userAgent?: string };
}

/**
 * The name of a runtime that has Node's modules and is not Node, so that its sockets are others; `undefined` on Node.
 *
 * @param globals - `globalThis`.
 */
export function otherRuntime(globals: Globals): string | undefined {
  const { process, Deno, EdgeRuntime, navigator } = globals;
  const { versions } = process ?? {};
  if (versions?.['bun'] !== undefined) return 'Bun';
  if (Deno !== undefined || versions?.['deno'] !== undefined) return 'Deno';
  const isEdge = EdgeRuntime !== undefined || navigator?.userAgent === 'Cloudflare-Workers';
  return isEdge || versions?.['node'] === undefined ? 'an edge runtime' : undefined;
}

/** Tells that this runtime is not Node. */
export function warnRuntime(name: string): void {
  warnUnsupported(
    'runtime',
    `this is ${name}, and a Line needs the sockets and the HTTP client of Node itself. Holdline steps aside: agents do what ` +
      `${name}'s own do, so connections hang up as without it. Run on Node 20.19 or later, or leave Holdline out here.`,
  );
}

/** Tells that client and server have agreed on HTTP/2. */
export function warnHttp2(origin: string): void {
  warnUnsupported(
    'http2',
    `${origin} and this agent have agreed on HTTP/2 (ALPN "h2"), which Node's https client does not speak, nor does a Line: ` +
      'bytes only pass. Leave h2 out of ALPNProtocols, or use node:http2.',
  );
}

/** Whether a client offers HTTP/2 in the TLS handshake; Node's agent does so only if it is told to. */
export function offersHttp2(offered: unknown): boolean {
  return Array.isArray(offered) ? offered.includes('h2') : offered !== undefined;
}
