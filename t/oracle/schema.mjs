// SPDX-License-Identifier: BSD-2-Clause
//
// Loads generated schemas with graphql-js and with our engine: both accept a
// schema, or both refuse it.
//
//   node schema.mjs graphql-js-folder tool schema count seed
//
// The schema given is not used: schemas are what is generated.  What graphql-js
// does not check is not generated: values of the arguments of directives of
// one's own, and directives that use themselves.

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { generator } from './schemas.mjs';

const [folder, tool, schemaFile, count, seed] = process.argv.slice(2);
const g = createRequire(folder + '/x.js')('graphql');

if (parseInt(g.version) < 17) {
  console.log('ok 1 - schemas # SKIP graphql-js ' + g.version + ' is too old');
  console.log('1..1');
  process.exit(0);
}

const next = generator(Number(seed));

const theirs = (text) => {
  try {
    return g.validateSchema(g.buildSchema(text)).map((e) => e.message);
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
    console.log(('the tool ended at schema ' + i + ':\n' + text)
      .replace(/^/gm, '# '));
    process.exit(1);
  }
  const got = JSON.parse(line.value);
  valid += expected.length === 0;
  if ((got.length === 0) !== (expected.length === 0)) {
    different++;
    console.log(('schema ' + i + ':\n' + text + '\n  graphql-js: '
      + expected.join('\n              ') + '\n  ours:       '
      + got.join('\n              ')).replace(/^/gm, '# '));
  }
}

ours.stdin.end();
console.log((different === 0 ? '' : 'not ') + `ok 1 - ${count} schemas, `
  + `${valid} of them valid, are accepted or refused by both alike`);
console.log('1..1');
process.exit(different === 0 ? 0 : 1);
