import type { ServerSpec } from '../roles.js';
import { apache } from './apache.js';
import { fastify } from './fastify.js';
import { go } from './go.js';
import { gunicorn } from './gunicorn.js';
import { haproxy } from './haproxy.js';
import { nginx } from './nginx.js';
import { node, nodes } from './node.js';

/** All servers of the lab, in the order in which tables show them. */
export const servers: readonly ServerSpec[] = [node, ...nodes, fastify, nginx, haproxy, apache, gunicorn, go];
