const callers = new Map();
/** OpenTelemetry warns, for example, when a span is ended twice. */
const complaints = [];
let api;
let exporter;

exports.start = () => {
  api = require('@opentelemetry/api');
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
  const { InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');
  const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
  const complain = (...args) => complaints.push(args.join(' '));
  const ignore = () => {};
  const logger = { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore };
  api.diag.setLogger(logger, api.DiagLogLevel.WARN);
  exporter = new InMemorySpanExporter();
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
  registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
};

exports.call = (name, run) =>
  api.trace.getTracer('test').startActiveSpan(name, async (span) => {
    const { spanId, traceId } = span.spanContext();
    callers.set(spanId, name).set(traceId, name);
    const done = await run();
    span.end();
    return done;
  });

exports.caller = () => callers.get(api.trace.getActiveSpan()?.spanContext().traceId);

exports.finish = () => {
  const spans = exporter.getFinishedSpans().filter(({ kind }) => kind === api.SpanKind.CLIENT);
  return { complaints, spans: spans.map(describe) };
};

function describe(span) {
  const { attributes, parentSpanContext, status, ended } = span;
  return {
    id: span.spanContext().spanId,
    parent: callers.get(parentSpanContext?.spanId),
    name: `${attributes['http.request.method']} ${new URL(attributes['url.full']).pathname}`,
    status: attributes['http.response.status_code'],
    failed: status.code === api.SpanStatusCode.ERROR,
    ended,
  };
}
