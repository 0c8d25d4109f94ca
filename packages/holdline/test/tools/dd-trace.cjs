// Nothing is sent: the exporter for places where no Datadog agent runs writes to stdout, from where it is taken here.
const lines = [];
const callers = new Map();
let tracer;

exports.start = () => {
  const write = process.stdout.write;
  process.stdout.write = function (text, ...rest) {
    if (!String(text).startsWith('{"traces":')) return write.call(this, text, ...rest);
    lines.push(String(text));
    return true;
  };
  for (const name of ['INSTRUMENTATION_TELEMETRY', 'REMOTE_CONFIGURATION', 'CRASHTRACKING', 'RUNTIME_METRICS'])
    process.env[`DD_${name}_ENABLED`] = 'false';
  tracer = require('dd-trace').init({ startupLogs: false, experimental: { exporter: 'log' } });
};

exports.call = (name, run) =>
  tracer.trace(name, (span) => {
    callers.set(span.context().toSpanId(), name).set(span.context().toTraceId(), name);
    return run();
  });

exports.caller = () => callers.get(tracer.scope().active()?.context().toTraceId());

exports.finish = () => {
  const spans = lines.flatMap((line) => JSON.parse(line).traces.flat());
  return { complaints: [], spans: spans.filter(({ name }) => name === 'http.request').map(describe) };
};

function describe({ span_id: id, parent_id: parent, meta, error, duration }) {
  return {
    id,
    parent: callers.get(BigInt(`0x${parent}`).toString()),
    name: `${meta['http.method']} ${new URL(meta['http.url']).pathname}`,
    ...(meta['http.status_code'] && { status: Number(meta['http.status_code']) }),
    failed: error === 1,
    ended: duration > 0,
  };
}
