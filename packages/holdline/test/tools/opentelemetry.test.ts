import { describeTracing } from './tracing.js';

describeTracing('opentelemetry');
