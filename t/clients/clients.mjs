// Real clients do what their users do: post an order, watch it to its end, list
// it, read an error.  Tools read the schema.
//
//   node clients.mjs URL

import assert from 'node:assert/strict';
import { GraphQLClient } from 'graphql-request';
import { Client, fetchExchange } from '@urql/core';
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import { buildClientSchema, getIntrospectionQuery, parse, printSchema,
         validateSchema } from 'graphql';
import { done, eventually, test } from './tap.mjs';

const url = process.argv[2];

const POST = `mutation Post($input: OrderInput!) {
  postOrder(input: $input) { __typename id name quantity orderStatus }
}`;
const GET = `query Get($id: ID!) { order(id: $id) { id orderStatus errorMessage } }`;
const LIST = `query List { orders { id name } }`;
const input = { name: 'Margherita', quantity: 2, restaurantId: 'r-17' };

// What a client is asked to do; run(document, variables) gives data or throws.
async function journey(run) {
    const { postOrder } = await run(POST, { input });
    assert.equal(postOrder.__typename, 'Order');
    assert.equal(postOrder.orderStatus, 'PENDING');
    assert.equal(postOrder.quantity, 2);

    const order = await eventually('a terminal status', async () => {
        const { order } = await run(GET, { id: postOrder.id });
        return order && order.orderStatus !== 'PENDING' ? order : null;
    });
    assert.match(order.orderStatus, /^(SUCCESS|FAILED)$/);
    assert.equal(order.errorMessage === null, order.orderStatus === 'SUCCESS');

    const { orders } = await run(LIST, {});
    assert.ok(orders.some((one) => one.id === postOrder.id));
}

const request = new GraphQLClient(url);

await test('graphql-request posts an order and sees it to its end',
    () => journey((document, variables) =>
        request.request(document, variables)));

await test('graphql-request is told of a bad variable', async () => {
    await assert.rejects(
        request.request(POST, { input: { ...input, quantity: 'two' } }),
        (error) => {
            const [first] = error.response.errors;
            assert.match(first.message, /quantity/);
            assert.equal(first.extensions.code, 'BAD_USER_INPUT');
            return true;
        });
});

const urql = new Client({ url, exchanges: [fetchExchange],
    preferGetMethod: false, requestPolicy: 'network-only' });

await test('urql core posts an order and sees it to its end',
    () => journey(async (document, variables) => {
        const send = document.startsWith('mutation') ? 'mutation' : 'query';
        const result = await urql[send](document, variables).toPromise();
        if (result.error) {
            throw result.error;
        }
        return result.data;
    }));

await test('urql core is told of an unknown field', async () => {
    const { error } = await urql.query('{ orders { idd } }', {}).toPromise();
    assert.match(error.message, /idd/);
});

const apollo = new ApolloClient({ link: new HttpLink({ uri: url }),
    cache: new InMemoryCache() });

await test('Apollo Client posts an order and sees it to its end',
    () => journey(async (document, variables) => {
        const node = gql(document);
        const { data } = document.startsWith('mutation')
            ? await apollo.mutate({ mutation: node, variables })
            : await apollo.query({ query: node, variables,
                                   fetchPolicy: 'network-only' });
        return data;
    }));

await test('Apollo Client is told of an unknown field', async () => {
    await assert.rejects(apollo.query({ query: gql('{ orders { idd } }') }),
        /idd/);
});

let introspection;

await test("GraphiQL's introspection query is answered", async () => {
    introspection = await request.request(getIntrospectionQuery({
        schemaDescription: true, specifiedByUrl: true,
        directiveIsRepeatable: true, inputValueDeprecation: true,
        oneOf: true }));
    assert.ok(introspection.__schema.types.length > 10);
});

await test('graphql-js builds the schema from it and finds it valid', () => {
    const schema = buildClientSchema(introspection);
    assert.deepEqual(validateSchema(schema), []);
    assert.match(printSchema(schema), /input OrderInput/);
});

await test('the code generator makes types from it', async () => {
    const output = await codegen({
        filename: 'orders.ts', documents: [], config: {},
        schema: parse(printSchema(buildClientSchema(introspection))),
        plugins: [{ typescript: {} }], pluginMap: { typescript } });
    assert.match(output, /export type OrderInput = /);
});

done();
