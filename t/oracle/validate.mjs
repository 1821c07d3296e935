// SPDX-License-Identifier: BSD-2-Clause
//
// Parses and validates generated documents with graphql-js and with our engine:
// both accept a document, or both refuse it.
//
//   node validate.mjs graphql-js-folder tool schema count seed [messages]
//
// With "messages" it prints where the two say different things, for people.
//
// graphql-js 17: it follows the September 2025 edition of the specification.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { generator } from './documents.mjs';

const [folder, tool, schemaFile, count, seed, messages] = process.argv.slice(2);
const g = createRequire(folder + '/x.js')('graphql');
const schema = g.buildSchema(readFileSync(schemaFile, 'utf8'));
if (parseInt(g.version) < 17) {
  console.log('ok 1 - documents # SKIP graphql-js ' + g.version + ' is too old');
  console.log('1..1');
  process.exit(0);
}

const next = generator(g, schema, Number(seed));

const theirs = (text) => {
  try {
    const document = g.parse(text, { allowEmptySelectionSets: false });
    return g.validate(schema, document).map((e) => e.message);
  } catch (error) {
    return [error.message];
  }
};

const ours = spawn(tool, [schemaFile], { stdio: ['pipe', 'pipe', 'inherit'] });
const lines = createInterface({ input: ours.stdout })[Symbol.asyncIterator]();

let valid = 0;
let different = 0;

for (let i = 0; i < Number(count); i++) {
  const text = next();
  ours.stdin.write(JSON.stringify(text) + '\n');
  const line = await lines.next();
  const expected = theirs(text);
  if (line.done) {
    console.log('# the tool ended at document ' + i + ':\n' + text);
    process.exit(1);
  }
  const got = JSON.parse(line.value).map((e) => e.message);
  valid += expected.length === 0;
  const agree = (got.length === 0) === (expected.length === 0);
  if (!agree || (messages
      && [...new Set(got)].sort().join('\n')
         !== [...new Set(expected)].sort().join('\n'))) {
    different += !agree;
    console.log(('document ' + i + (agree ? ' (messages)' : '') + ':\n' + text
      + '\n  graphql-js: ' + expected.join('\n              ')
      + '\n  ours:       ' + got.join('\n              ')).replace(/^/gm, '# '));
  }
}

ours.stdin.end();
console.log((different === 0 ? '' : 'not ') + `ok 1 - ${count} documents, `
  + `${valid} of them valid, are accepted or refused by both alike`);
console.log('1..1');
process.exit(different === 0 ? 0 : 1);
