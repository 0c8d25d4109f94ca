let server;

exports.start = ({ url }) => {
  const { delay, http, HttpResponse, passthrough } = require('msw');
  const { setupServer } = require('msw/node');
  server = setupServer(
    http.get(`${url}/mocked`, () => HttpResponse.text('mocked')),
    http.get(`${url}/mocked-error`, () => HttpResponse.error()),
    http.get(`${url}/mocked-silence`, async () => {
      await delay('infinite');
      return HttpResponse.text('too late');
    }),
    http.all(`${url}/*`, () => passthrough()),
  );
  server.listen({ onUnhandledRequest: 'error' });
};

exports.stop = () => server.close();
exports.call = (_name, run) => run();
exports.caller = () => undefined;
exports.finish = () => ({ spans: [], complaints: [] });
