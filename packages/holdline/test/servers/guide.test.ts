import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type Document, parseAllDocuments } from 'yaml';
import { drainBoundMs, graceSeconds } from '../../src/policy/drain.js';
import { POOLS } from '../../src/policy/pools.js';
import { orderTimeouts } from '../../src/policy/server-timeouts.js';

const guide = readFileSync(path.join(import.meta.dirname, '../../../../docs/guides/server.md'), 'utf8');

function block(language: string): string {
  return guide.match(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms'))?.[1] ?? '';
}

/** The defaults, behind what keeps a connection for 60 s. */
function times(noticeMs = 5_000) {
  const ordered = orderTimeouts({
    stated: {
      keepAliveTimeoutMs: undefined,
      bufferMs: undefined,
      headersTimeoutMs: undefined,
      requestTimeoutMs: undefined,
    },
    clientIdleMs: POOLS['ingress-nginx'].idleMs,
    present: { keepAliveTimeoutMs: 5_000, headersTimeoutMs: 60_000, requestTimeoutMs: 300_000 },
  });
  if (!ordered.ok) throw new Error('the defaults contradict each other');
  const { keepAliveTimeoutMs, bufferMs } = ordered.timeouts;
  return { noticeMs, longestRequestMs: 30_000, idleMs: keepAliveTimeoutMs + bufferMs, lingerMs: 5_000 };
}

test('the manifest for Kubernetes parses, and gives a drain the time that it takes', () => {
  const [document, ...more] = parseAllDocuments(block('yaml'));
  expect(more).toEqual([]);
  expect(document?.errors).toEqual([]);
  const { kind, spec } = (document as Document).toJS() as {
    kind: string;
    spec: {
      selector: { matchLabels: object };
      template: {
        metadata: { labels: object };
        spec: {
          terminationGracePeriodSeconds: number;
          containers: {
            command: string[];
            ports: { containerPort: number }[];
            readinessProbe: {
              httpGet: { path: string; port: number };
              periodSeconds: number;
              failureThreshold: number;
            };
          }[];
        };
      };
    };
  };
  expect(kind).toBe('Deployment');
  expect(spec.selector.matchLabels).toEqual(spec.template.metadata.labels);
  const pod = spec.template.spec;
  expect(pod.terminationGracePeriodSeconds).toBe(graceSeconds(times()));
  const [container] = pod.containers;
  const { httpGet, periodSeconds, failureThreshold } = container?.readinessProbe ?? {};
  expect(httpGet).toEqual({ path: '/readyz', port: container?.ports[0]?.containerPort });
  const seenAfterMs = (periodSeconds ?? 0) * (failureThreshold ?? 0) * 1000;
  expect(seenAfterMs, 'the probe fails within the notice').toBeLessThan(times().noticeMs);
  expect(container?.command[0], 'a shell would keep the signal').toBe('node');
});

test('the unit for systemd gives a drain the time that it takes, and the signal to Node', () => {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of block('ini').split('\n')) {
    const name = /^\[(\w+)\]$/.exec(line)?.[1];
    const [, key, value] = /^(\w+)=(.+)$/.exec(line) ?? [];
    if (name) sections.set(name, (section = new Map()));
    else if (key && value) section.set(key, value);
    else expect(line).toMatch(/^$|^#/);
  }
  expect([...sections.keys()]).toEqual(['Unit', 'Service', 'Install']);
  const service = sections.get('Service');
  expect(Number(service?.get('TimeoutStopSec'))).toBe(graceSeconds(times()));
  expect(service?.get('KillSignal')).toBe('SIGTERM');
  expect(service?.get('KillMode')).toBe('mixed');
});

test('the sums in the text are right, and the pools are those of the code', () => {
  expect(guide).toContain(`5 + 30 + 66 + 5 = ${drainBoundMs(times()) / 1000} s`);
  expect(guide).toContain(`\`noticeMs: 30_000\`\nthere, and a grace period of ${graceSeconds(times(30_000))}.`);
  const pools = Object.entries(POOLS).map(([name, { idleMs }]) => `\`${name}\` (${idleMs / 1000} s)`);
  expect(guide).toContain(`<!-- pools -->${pools.join(', ')}<!-- /pools -->`);
});
