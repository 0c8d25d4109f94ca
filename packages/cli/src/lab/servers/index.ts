import type { ServerSpec } from '../roles.js';
import { node, nodes } from './node.js';

/** All servers of the lab. */
export const servers: readonly ServerSpec[] = [node, ...nodes];
