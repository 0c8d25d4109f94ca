import http from 'node:http';
import { Agent } from 'holdline';
import { type Arm, holdlineOptions, type RoundSettings } from './adapter.js';

/** The agent under every client that takes one. */
export function agentOf(arm: Arm, round: RoundSettings): http.Agent {
  return arm === 'bare' ? new http.Agent({ keepAlive: true }) : new Agent(holdlineOptions(round));
}
