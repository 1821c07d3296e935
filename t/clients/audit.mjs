// The server audits of npm's graphql-http (GraphQL over HTTP): all of them,
// MUST, SHOULD and MAY.  GET requests carry the header that the front door asks
// of them against cross-site requests.
//
//   node audit.mjs URL

import { serverAudits } from 'graphql-http';
import { test, done } from './tap.mjs';

const url = process.argv[2];

function fetchFn(input, init = {}) {
    const headers = { ...init.headers };
    if ((init.method ?? 'GET') === 'GET') {
        headers['graphql-require-preflight'] = '1';
    }
    return fetch(input, { ...init, headers });
}

for (const audit of serverAudits({ url, fetchFn })) {
    await test(`${audit.id} ${audit.name}`, async () => {
        const result = await audit.fn();
        if (result.status !== 'ok') {
            throw new Error(`${result.status}: ${result.reason}`);
        }
    });
}

done();
