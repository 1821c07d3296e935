// SPDX-License-Identifier: BSD-2-Clause
//
// Asks both engines for the whole schema and compares the answers; then
// graphql-js builds a client schema from ours and checks it.
//
//   node introspection.mjs graphql-js-folder tool schema
//
// Not compared: the introspection types themselves and the directives of the
// specification, which differ with its edition, and the order of types,
// directives, locations and possible types.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [folder, tool, schemaFile] = process.argv.slice(2);
const g = createRequire(folder + '/x.js')('graphql');

// @constraint is known to our engine, defined or not
let text = readFileSync(schemaFile, 'utf8');
if (/@constraint/.test(text) && !/directive @constraint/.test(text)) {
  text += `\ndirective @constraint(min: Float, max: Float, exclusiveMin: Float,
    exclusiveMax: Float, multipleOf: Float, minLength: Int, maxLength: Int,
    pattern: String, minItems: Int, maxItems: Int, uniqueItems: Boolean)
    on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION`;
}
const schema = g.buildSchema(text);

const document = g.getIntrospectionQuery({
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
});

const run = spawnSync(tool, [schemaFile], {
  input: JSON.stringify({ document }) + '\n',
  maxBuffer: 1 << 30,
});
process.stderr.write(run.stderr);

const ours = JSON.parse(run.stdout.toString()).response;
const theirs = JSON.parse(JSON.stringify(
  g.graphqlSync({ schema, source: document })));

const byName = (a, b) => (a.name < b.name ? -1 : 1);

const normal = (s) => {
  const copy = structuredClone(s);
  copy.types = copy.types.filter((t) => !t.name.startsWith('__')).sort(byName);
  copy.types.forEach((t) => t.possibleTypes?.sort(byName));
  copy.directives = copy.directives
    .filter((d) => !g.isSpecifiedDirective({ name: d.name })
      && d.name !== 'constraint')
    .sort(byName);
  copy.directives.forEach((d) => d.locations.sort());
  return copy;
};

let different = 0;

const compare = (mine, other, path) => {
  if (mine === null || other === null || typeof mine !== 'object'
      || typeof other !== 'object') {
    if (mine !== other) {
      different++;
      console.log(`# ${path}: ours ${JSON.stringify(mine)},`
        + ` graphql-js ${JSON.stringify(other)}`);
    }
    return;
  }
  const keys = new Set([...Object.keys(mine), ...Object.keys(other)]);
  for (const key of keys) compare(mine[key], other[key], `${path}.${key}`);
};

compare(ours.errors, theirs.errors, 'errors');
compare(normal(ours.data.__schema), normal(theirs.data.__schema), 'schema');

for (const error of g.validateSchema(g.buildClientSchema(ours.data))) {
  different++;
  console.log(`# the client schema: ${error.message}`);
}

console.log(`${different ? 'not ok' : 'ok'} 1 - introspection agrees`);
process.exit(different ? 1 : 0);
