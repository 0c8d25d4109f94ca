let nock;

exports.start = ({ url }) => {
  nock = require('nock');
  nock(url, { allowUnmocked: true })
    .get('/mocked')
    .reply(200, 'mocked')
    .get('/mocked-error')
    .replyWithError(Object.assign(new Error('mocked error'), { code: 'EMOCKED' }))
    .get('/mocked-silence')
    .delay(60_000)
    .reply(200, 'too late');
};

exports.stop = () => nock.restore();
exports.call = (_name, run) => run();
exports.caller = () => undefined;
exports.finish = () => ({ spans: [], complaints: nock.pendingMocks() });
