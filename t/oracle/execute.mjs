// SPDX-License-Identifier: BSD-2-Clause
//
// Executes generated requests with graphql-js and with our engine and compares
// the responses: coercion of variables and arguments, collecting, completion,
// and what errors say.
//
//   node execute.mjs graphql-js-folder tool schema count seed
//
// Differences that are meant to be: codes in extensions, "Did you mean" where an
// enum's value is no string, the messages about abstract types, a value that is
// no object (graphql-js looks for members in it), quotes inside an enum's value,
// and data left out where it would be null because nothing was executed.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [folder, tool, schemaFile, count, seed] = process.argv.slice(2);
const g = createRequire(folder + '/x.js')('graphql');
const schema = g.buildSchema(readFileSync(schemaFile, 'utf8'));

let state = Number(seed) || 1;

const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 4294967296;
};
const below = (n) => Math.floor(random() * n);
const one = (list) => list[below(list.length)];
const chance = (p) => random() < p;

const words = ['a', 'SMALL', 'LARGE', 'MEDIUM', 'x y', '', '7', 'é\n"', 'yes'];
const numbers = [0, 1, -1, 7, 1.5, 2147483647, 2147483648, -2147483648,
  -2147483649, 9007199254740991, 0.1];

// JSON of any kind
const junk = (depth = 2) => {
  switch (below(depth > 0 ? 6 : 4)) {
    case 0: return one(words);
    case 1: return one(numbers);
    case 2: return chance(0.5);
    case 3: return null;
    case 4: return Array.from({ length: below(13) }, () => junk(depth - 1));
    default: return Object.fromEntries(Array.from({ length: below(4) },
      () => ['k' + below(5), junk(depth - 1)]));
  }
};

const leaf = (type) => {
  switch (type.name) {
    case 'Int': return one([0, 1, -5, 2147483647]);
    case 'Float': return one([0, 1.5, -2.25, 3]);
    case 'String': return one(words);
    case 'Boolean': return chance(0.5);
    case 'ID': return one(['1', 'abc', 5]);
    default: return g.isEnumType(type) ? one(type.getValues()).name : junk();
  }
};

// JSON for an input type, mostly right
const input = (type, bad, depth = 3) => {
  if (chance(bad)) return junk();
  if (g.isNonNullType(type)) {
    const value = input(type.ofType, bad, depth);
    return value === null && !chance(bad) ? leafOf(type.ofType, depth) : value;
  }
  if (chance(0.08)) return null;
  return leafOf(type, depth, bad);
};

const leafOf = (type, depth, bad = 0) => {
  if (g.isListType(type)) {
    if (chance(0.1)) return leafOf(g.getNullableType(type.ofType), depth, bad);
    return Array.from({ length: below(3) },
      () => input(type.ofType, bad, depth - 1));
  }
  if (g.isInputObjectType(type)) {
    let fields = Object.values(type.getFields());
    if (type.isOneOf && !chance(bad)) fields = [one(fields)];
    else fields = fields.filter((f) => (g.isRequiredInputField(f)
      ? !chance(bad / 2) : chance(depth > 0 ? 0.5 : 0)));
    if (chance(0.3)) fields.reverse();
    const object = {};
    for (const f of fields) {
      object[f.name] = type.isOneOf
        ? leafOf(g.getNullableType(f.type), depth - 1, bad)
        : input(f.type, bad, depth - 1);
    }
    if (chance(bad / 2)) object[one(['extra', 'nam', 'byid'])] = junk();
    return object;
  }
  return leaf(type);
};

// JSON for an output type, mostly right; only what the selection can reach
const output = (type, bad, depth) => {
  if (chance(bad) && g.isLeafType(g.getNamedType(type))) return junk();
  if (g.isNonNullType(type)) {
    return chance(bad) ? null : output(type.ofType, bad, depth);
  }
  if (chance(0.1)) return null;
  if (g.isListType(type)) {
    return Array.from({ length: below(3) },
      () => output(type.ofType, bad, depth - 1));
  }
  if (g.isLeafType(type)) return leaf(type);
  const object = g.isAbstractType(type) ? one(schema.getPossibleTypes(type))
    : type;
  const value = { __typename: object.name };
  for (const f of Object.values(object.getFields())) {
    if (depth <= 0 && !g.isLeafType(g.getNamedType(f.type))) continue;
    if (chance(0.9)) value[f.name] = output(f.type, bad, depth - 1);
  }
  return value;
};

// a document under construction
const builder = () => ({ variables: new Map(), fragments: [], next: 0 });

const literal = (b, value, type) => {
  const ast = g.astFromValue(value, type);
  return ast ? g.print(ast) : 'null';
};

// text of an argument's value: a literal, a variable, or a variable inside
const argument = (b, type, position, exact = false) => {
  if (chance(0.5)) {
    const name = 'v' + b.next++;
    let text = String(type);
    const nullable = g.getNullableType(type);
    let value = '';
    if (exact) {
      text = String(type);
    } else if (g.isNonNullType(type) && chance(0.3)) {
      const given = safe(nullable);
      if (given !== undefined) {
        text = String(nullable);
        value = ' = ' + given;
      }
    } else if (!g.isNonNullType(type) && chance(0.2)) {
      text += '!';
    } else if (chance(0.2)) {
      const given = safe(nullable);
      if (given !== undefined) value = ' = ' + given;
    }
    b.variables.set(name, { text, value, type });
    return '$' + name;
  }
  const nullable = g.getNullableType(type);
  if (g.isInputObjectType(nullable) && chance(0.7) && position < 3) {
    let fields = Object.values(nullable.getFields());
    fields = nullable.isOneOf ? [one(fields)]
      : fields.filter((f) => g.isRequiredInputField(f) || chance(0.3));
    return '{' + fields.map((f) => f.name + ': ' + argument(b,
      nullable.isOneOf ? new g.GraphQLNonNull(f.type) : f.type, position + 1,
      nullable.isOneOf))
      .join(', ') + '}';
  }
  if (g.isListType(nullable) && chance(0.5) && position < 3) {
    return '[' + Array.from({ length: below(3) },
      () => argument(b, nullable.ofType, position + 1)).join(', ') + ']';
  }
  return safe(nullable) ?? safe(nullable) ?? 'null';
};

// a valid literal of a nullable type
const safe = (type) => {
  for (let i = 0; i < 5; i++) {
    const value = leafOf(type, 2);
    const errors = [];
    const coerced = g.coerceInputValue(value, type, (p, v, e) => errors.push(e));
    if (errors.length === 0) {
      try {
        const ast = g.astFromValue(coerced, type);
        if (ast) return g.print(ast);
      } catch { /* another one */ }
    }
  }
  return undefined;
};

const condition = (b) => {
  if (!chance(0.12)) return '';
  const name = one(['skip', 'include']);
  if (chance(0.4)) return ` @${name}(if: ${chance(0.5)})`;
  const v = 'c' + b.next++;
  b.variables.set(v, chance(0.3)
    ? { text: 'Boolean', value: ' = true', type: g.GraphQLBoolean }
    : { text: 'Boolean!', value: '',
        type: new g.GraphQLNonNull(g.GraphQLBoolean) });
  return ` @${name}(if: $${v})`;
};

const selections = (b, type, depth) => {
  const parts = [];
  if (type === schema.getQueryType() && chance(0.05)) {
    const name = one([...Object.keys(schema.getTypeMap()), 'Nothing']);
    if (!name.startsWith('__')) {
      parts.push(one(['', 't: ']) + `__type(name: "${name}") {`
        + selections(b, g.__Type, 3) + '}');
    }
  }
  const fields = g.isUnionType(type) ? [] : Object.values(type.getFields());
  for (let i = 0; i < 1 + below(4); i++) {
    const kind = random();
    if (kind < 0.1 || (fields.length === 0 && kind < 0.4)) {
      parts.push(one(['', '', 't' + below(3) + ': ']) + '__typename'
        + condition(b));
      continue;
    }
    if (kind < 0.3 || fields.length === 0) {
      const types = g.isAbstractType(type)
        ? [type, ...schema.getPossibleTypes(type)]
        : [type, ...type.getInterfaces()];
      const on = one(types);
      if (depth > 1 && chance(0.5)) {
        const name = 'F' + b.fragments.length;
        const fragment = { name, text: '' };
        b.fragments.push(fragment);
        fragment.text = `fragment ${name} on ${on.name} {`
          + selections(b, on, depth - 1) + '}';
        parts.push(`...${name}` + condition(b));
        if (chance(0.3)) parts.push(`...${name}`);
      } else {
        parts.push(`... on ${on.name}` + condition(b) + ' {'
          + selections(b, on, depth - 1) + '}');
      }
      continue;
    }
    const f = one(fields);
    const composite = g.isCompositeType(g.getNamedType(f.type));
    if (composite && depth <= 0) continue;
    const args = f.args.filter((a) => g.isRequiredArgument(a) || chance(0.7))
      .map((a) => `${a.name}: ${type.name.startsWith('__')
        ? chance(0.5) : argument(b, a.type, 0)}`);
    parts.push(one(['', '', '', 'x' + below(9) + ': ']) + f.name
      + (args.length ? `(${args.join(', ')})` : '') + condition(b)
      + (composite ? ` {${selections(b, g.getNamedType(f.type), depth - 1)}}`
        : ''));
  }
  return parts.length ? parts.join(' ') : '__typename';
};

const request = () => {
  const b = builder();
  const mutation = chance(0.1);
  const root = mutation ? schema.getMutationType() : schema.getQueryType();
  const body = selections(b, root, 4);
  const declared = [...b.variables].map(([name, v]) =>
    `$${name}: ${v.text}${v.value}`).join(', ');
  const document = (mutation ? 'mutation' : 'query')
    + (declared ? `(${declared})` : '') + ` {${body}}\n`
    + b.fragments.map((f) => f.text).join('\n');
  const bad = chance(0.5) ? 0 : 0.08;
  const variables = {};
  for (const [name, v] of b.variables) {
    const required = v.text.endsWith('!');
    if (required ? !chance(0.01) : chance(0.8)) {
      variables[name] = input(required ? new g.GraphQLNonNull(
        g.getNullableType(v.type)) : v.type, bad);
    }
  }
  return { document, variables };
};

// errors of root fields' arguments, which we have before all others
const ofArguments = (error) => Number(error.path?.length === 1
  && error.message.startsWith('Argument "'));

// what both sides must agree on
const normal = (response) => ({
  data: response.data ?? null,
  errors: response.errors?.map((e) => ({
    message: e.message.replace(/Value ".*" does not exist in/s, 'Value')
      .replace(/^(.*non-string value: .*) Did you mean .*$/s, '$1')
      .replace(/^(Abstract type .* for field "[^"]*").*$/s, '$1.')
      .replace(/^(Expected value of type "[^"]*" but got: ).*$/s, '$1'),
    // ours keeps eight places
    locations: e.locations?.slice(0, 8), path: e.path,
  })).sort((a, b) => ofArguments(b) - ofArguments(a)),
});

// numbers as text differ (1e21), their values do not
const same = (a, b) => {
  if (a === null || b === null || typeof a !== 'object'
      || typeof b !== 'object') return a === b;
  const keys = Object.keys(a).filter((k) => a[k] !== undefined);
  const others = Object.keys(b).filter((k) => b[k] !== undefined);
  return keys.length === others.length
    && keys.every((k, i) => k === others[i] && same(a[k], b[k]));
};

const child = spawn(tool, [schemaFile], { stdio: ['pipe', 'pipe', 'inherit'] });
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

let executed = 0;
let refused = 0;
let different = 0;

for (let made = 0; made < Number(count);) {
  const { document, variables } = request();
  let ast;
  try {
    ast = g.parse(document);
  } catch (error) {
    console.log('# the generator made', document, error.message);
    process.exit(1);
  }
  const invalid = g.validate(schema, ast);
  if (invalid.length) {
    refused++;
    if (refused > 20 * Number(count)) {
      console.log('# the generator makes nothing valid:', invalid[0].message);
      process.exit(1);
    }
    continue;
  }
  made++;

  // values by field name: what both hosts see by response key
  const bad = chance(0.5) ? 0 : 0.03;
  const operation = ast.definitions[0];
  const root = operation.operation === 'mutation' ? schema.getMutationType()
    : schema.getQueryType();
  const byName = {};
  for (const f of Object.values(root.getFields())) {
    byName[f.name] = output(f.type, bad, 3);
  }
  const values = {};
  const args = [];
  const theirs = normal(JSON.parse(JSON.stringify(g.executeSync({
    schema, document: ast, rootValue: byName, variableValues: variables,
    fieldResolver(source, given, context, info) {
      if (info.path.prev === undefined) {
        args.push([info.path.key, given]);
        values[info.path.key] = byName[info.fieldName];
      }
      return source?.[info.fieldName];
    },
  }))));

  child.stdin.write(JSON.stringify({ document, variables, values }) + '\n');
  const answer = JSON.parse((await lines.next()).value);
  const ours = normal(answer.response);
  executed++;

  const agree = (same(ours, theirs) || alsoArguments(ours, theirs)) && args.every(([key, given]) => {
    const mine = answer.arguments?.[key];
    return sameArguments(mine, JSON.parse(JSON.stringify(given)));
  });

  if (!agree) {
    different++;
    if (different <= 5) {
      console.log('# document', document);
      console.log('# variables', JSON.stringify(variables));
      console.log('# values', JSON.stringify(values).slice(0, 3000));
      console.log('# graphql-js', JSON.stringify(theirs).slice(0, 3000));
      console.log('# ours      ', JSON.stringify(ours).slice(0, 3000));
      console.log('# arguments ', JSON.stringify(args).slice(0, 2000));
      console.log('# ours      ', JSON.stringify(answer.arguments));
    }
  }
}

// graphql-js leaves off at the first error that makes data null; we have coerced
// the arguments of all root fields by then
function alsoArguments(mine, other) {
  return mine.data === null && other.data === null && other.errors
    && other.errors.every((error) => mine.errors?.some((e) => same(e, error)))
    && mine.errors.every((error) => other.errors.some((e) => same(e, error))
      || ofArguments(error));
}

// members of an argument may stand in another order
function sameArguments(a, b) {
  if (a === null || b === null || typeof a !== 'object'
      || typeof b !== 'object') return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length
    && keys.every((k) => k in b && sameArguments(a[k], b[k]));
}

child.stdin.end();
console.log(`# ${executed} executed, ${refused} generated but invalid`);
console.log(`${different ? 'not ok' : 'ok'} 1 - ${executed} responses agree`);
process.exit(different ? 1 : 0);
