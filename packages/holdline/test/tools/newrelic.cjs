// Nothing is sent: in its serverless mode the agent connects nowhere, and would write when a Lambda ends.
const transactions = [];
let newrelic;

exports.start = () => {
  Object.assign(process.env, {
    NEW_RELIC_NO_CONFIG_FILE: 'true',
    NEW_RELIC_APP_NAME: 'holdline-test',
    NEW_RELIC_LOG_ENABLED: 'false',
    NEW_RELIC_SERVERLESS_MODE_ENABLED: 'true',
    NEW_RELIC_ACCOUNT_ID: '1',
    NEW_RELIC_TRUSTED_ACCOUNT_KEY: '1',
    NEW_RELIC_PRIMARY_APPLICATION_ID: '1',
  });
  newrelic = require('newrelic');
  newrelic.agent.on('transactionFinished', (transaction) => transactions.push(transaction));
};

exports.call = (name, run) => newrelic.startBackgroundTransaction(name, run);

exports.caller = () => callerOf(newrelic.agent.getTransaction());

exports.finish = () => {
  const spans = transactions.flatMap((transaction) => clientSpans(transaction, transaction.trace.segments.root));
  return { complaints: [], spans };
};

function callerOf(transaction) {
  return transaction?.baseSegment?.name.split('/').pop();
}

/** The External segments below a node of the transaction's tree. */
function clientSpans(transaction, { segment, children }) {
  const below = children.flatMap((child) => clientSpans(transaction, child));
  if (!segment.name.startsWith('External/')) return below;
  const { procedure, 'http.statusCode': status } = segment.attributes.attributes;
  // no `failed`: an error that the program handles is none to New Relic
  const span = {
    id: segment.id,
    parent: segment.parentId === transaction.baseSegment.id ? callerOf(transaction) : undefined,
    name: `${procedure.value} /${segment.name.split('/').pop()}`,
    ...(status && { status: status.value }),
    ended: segment.timer.hrDuration !== null,
  };
  return [span, ...below];
}
