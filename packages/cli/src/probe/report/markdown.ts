import { duration } from '../duration.js';
import { limitText } from '../judge/findings.js';
import type { Report } from '../judge/report.js';
import { clientGroups, hangUpText, snippetsFor, windowText } from './wording.js';

/** A report for a ticket. */
export function markdown(report: Report, client?: string): string {
  const { url, limit, advertisedMs, cutoffMs, findings } = report;
  const window = windowText(report);
  const facts = [
    ...(limit ? [`**Idle limit:** ${limitText(limit)}`] : []),
    ...(limit ? [`**Advertised:** ${advertisedMs === undefined ? 'nothing' : duration(advertisedMs)}`] : []),
    ...(window === undefined ? [] : [`**Danger window:** ${window}`]),
    ...(cutoffMs === undefined ? [] : [`**Set clients to:** ${duration(cutoffMs)}`]),
  ];
  const groups = clientGroups(report).map(
    ({ title, clients }) => `| ${title} | ${clients.replaceAll('\u00a0', ' ')} |`,
  );
  const { snippets } = snippetsFor(report, client);
  return [
    `## Idle connections of ${url}`,
    ...(facts.length > 0 ? [facts.map((line) => `- ${line}`).join('\n')] : []),
    findings.map(({ severity, text, id }) => `- ${SIGNS[severity]} ${text} (\`${id}\`)`).join('\n'),
    ...(groups.length > 0
      ? [`| by their defaults | clients, and how long they keep an idle connection |\n|---|---|\n${groups.join('\n')}`]
      : []),
    ...hangUpText(report),
    ...snippets.map(({ title, language, code }) => `${capital(title)}:\n\n\`\`\`${language}\n${code.trim()}\n\`\`\``),
    '',
  ].join('\n\n');
}

const SIGNS = { bad: '**✗**', warn: '**!**', good: '✓', note: '·' } as const;

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
