import { describeTracing } from './tracing.js';

describeTracing('dd-trace');
