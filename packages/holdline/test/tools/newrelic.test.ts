import { describeTracing } from './tracing.js';

describeTracing('newrelic');
