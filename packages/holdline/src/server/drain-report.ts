/**
 * What a connection was doing when it was cut: a request without any of its response (`request`), one whose response had
 * begun (`response`), nothing (`idle`); it was another protocol's (`upgraded`, `http2`), or not ready yet (`handshake`, of TLS).
 */
export type CutDuring = 'request' | 'response' | 'idle' | 'upgraded' | 'http2' | 'handshake';

/**
 * What became of a drain.
 *
 * @example
 * import { drain } from 'holdline/server';
 *
 * const { served, cut, residualRisk } = await drain({ noticeMs: 0 });
 * if (Object.keys(cut).length > 0) console.error('cut', cut, 'after', served, 'requests', residualRisk);
 */
export interface DrainReport {
  /** From its beginning, notice included, in ms. */
  readonly tookMs: number;
  /** Requests that were answered meanwhile. */
  readonly served: number;
  /** Connections by who ended them. */
  readonly closed: {
    /** The client; or Node, because a head or a body did not come to its end in time. */
    readonly byClient: number;
    /** The server, after a response that said so. */
    readonly afterResponse: number;
    /** The server, after the time for which the client might have used it. */
    readonly afterIdle: number;
  };
  /** Connections that the limit cut, by what they were doing. Empty in a drain that lost nothing. */
  readonly cut: Readonly<Partial<Record<CutDuring, number>>>;
  /** Idle connections that were kept though their time was over, for a request had come. */
  readonly lateRequestsSaved: number;
  /** Why something may have been lost all the same, if it may. */
  readonly residualRisk: string | undefined;
  /** 0, or 1 if anything was cut. */
  readonly exitCode: 0 | 1;
}

/** A report in one line. */
export function reportLine({ tookMs, served, closed, cut, residualRisk }: DrainReport): string {
  const cuts = Object.entries(cut).map(([during, count]) => `${count} ${during}`);
  return [
    `holdline: drained in ${(tookMs / 1000).toFixed(1)} s: ${served} requests served`,
    `connections closed: ${closed.byClient} by clients, ${closed.afterResponse} after a response, ${closed.afterIdle} idle`,
    cuts.length > 0 ? `CUT: ${cuts.join(', ')}` : 'nothing cut',
    ...(residualRisk === undefined ? [] : [`risk: ${residualRisk}`]),
  ].join('; ');
}
