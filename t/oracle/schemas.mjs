// SPDX-License-Identifier: BSD-2-Clause
//
// Generates schemas in the schema language.  In half of them each decision goes
// wrong now and then.

export function generator(seed) {
  let state = (seed >>> 0) || 1;

  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  const below = (n) => Math.floor(random() * n);
  const one = (list) => list[below(list.length)];
  const chance = (p) => random() < p;

  let wrong;                    // the chance of a wrong decision
  let names;                    // of the types, by kind
  let promised;                 // fields of interfaces, by name

  const oops = () => chance(wrong);

  const times = (least, most, make) => {
    const list = [];
    for (let i = 0, n = least + below(most - least + 1); i < n; i++) {
      list.push(make(i));
    }
    return list;
  };

  const scalars = ['Int', 'String', 'ID', 'Float', 'Boolean'];

  const output = () => oops() ? one([...names.input, 'Nope', 'Int'])
    : one([...names.type, ...names.interface, ...names.union, ...names.enum,
      ...names.scalar, ...scalars]);

  const input = () => oops() ? one([...names.type, ...names.union, 'Nope'])
    : one([...names.enum, ...names.input, ...names.scalar, ...scalars]);

  const wrapped = (type) => chance(0.25)
    ? '[' + wrapped(type) + ']' + (chance(0.4) ? '!' : '')
    : type + (chance(0.3) ? '!' : '');

  // A literal for a type that is written like this.
  const literal = (text) => {
    if (oops()) {
      return one(['1', '"x"', 'A', '{}', '[1]', 'null', '{f0: 1}']);
    }
    if (chance(0.1) && !text.endsWith('!')) {
      return 'null';
    }
    const type = text.replace(/!$/, '');
    if (type.startsWith('[')) {
      const item = type.slice(1, -1);
      return chance(0.3) && !item.includes('[') ? literal(item)
        : '[' + times(0, 2, () => literal(item)).join(' ') + ']';
    }
    switch (type[0]) {
      case 'E': return one(['A', 'B']);
      case 'X': return one(['1', '{a: [E]}']);
      case 'N': return '{' + times(0, 2, () => one(['f0', 'f1', 'f2']) + ': '
        + one(['1', 'null', '"s"', '{}'])).join(' ') + '}';
      default: return { Int: '1', Float: '1.5', String: '"s"', ID: '7',
        Boolean: 'true' }[type] ?? '1';
    }
  };

  const directives = (place) => {
    if (!chance(0.15)) {
      return '';
    }
    if (oops()) {
      return ' ' + one(['@nope', '@skip(if: true)', '@oneOf',
        '@deprecated(reason: 1)', '@d(b: 1)', '@deprecated @deprecated']);
    }
    switch (place) {
      case 'scalar': return ' @specifiedBy(url: "u")';
      case 'field':
      case 'value': return ' ' + one(['@deprecated', '@d(a: 1)',
        '@deprecated(reason: "r")']);
      default: return ' ' + one(['@d', '@d(a: 2) @d']);
    }
  };

  const inputValue = (name) => {
    const type = wrapped(input());
    return name + ': ' + type + (chance(0.25) ? ' = ' + literal(type) : '')
      + directives('input') + (chance(0.05) ? ' @deprecated' : '');
  };

  const argumentsText = () => chance(0.7) ? '' : '(' + times(1, 2,
    (i) => inputValue('a' + (oops() ? 0 : i))).join(', ') + ')';

  const interfaceFields = (name) => times(1, 2, (i) => ({
    name: name.toLowerCase() + i, args: argumentsText(), type: wrapped(output()),
  }));

  const object = (name) => {
    const interfaces = names.interface.filter(() => chance(0.4));
    if (oops()) {
      interfaces.push(one([name, 'I0', 'Nope', 'T0']));
    }
    const fields = times(1, 3, (i) => (oops() ? '__f' : 'f' + i)
      + argumentsText() + ': ' + wrapped(output()) + directives('field'));
    for (const field of interfaces.flatMap((i) => promised[i] ?? [])) {
      const narrower = chance(0.2) && !field.type.endsWith('!') ? '!' : '';
      if (!oops()) {
        fields.push(field.name + field.args + ': ' + field.type + narrower);
      }
    }
    return 'type ' + name
      + (interfaces.length > 0 ? ' implements ' + interfaces.join(' & ') : '')
      + directives('type') + ' { ' + fields.join(' ') + ' }';
  };

  const inputObject = (name) => {
    const oneOf = chance(0.2);
    const fields = times(1, 3, (i) => oneOf && !oops()
      ? 'f' + i + ': ' + wrapped(input()).replace(/!$/, '')
      : inputValue('f' + (oops() ? 0 : i)));
    return 'input ' + name + (oneOf ? ' @oneOf' : '') + ' { '
      + fields.join(' ') + ' }';
  };

  const extensions = ['type T0 { x: Int }', 'type T0 @d', 'union U0 = Query',
    'enum E0 { C }', 'input N0 { z: Int }', 'interface I0 @d', 'scalar X0 @d',
    'type Query { y: Int }'];

  const rootTypes = () => 'schema' + directives('schema') + ' { query: '
    + (oops() ? one(['U0', 'Nope', 'T1']) : 'Query')
    + (chance(0.3) ? ' mutation: ' + one(names.type) : '')
    + (oops() ? ' query: T0' : '') + ' }';

  return () => {
    const named = (letter, least, most) => times(least, most,
      (i) => letter + i);

    wrong = chance(0.5) ? 0 : one([0.01, 0.03, 0.1]);
    names = {
      type: named('T', 1, 3), interface: named('I', 0, 2),
      union: named('U', 0, 1), enum: named('E', 0, 2),
      input: named('N', 0, 3), scalar: named('X', 0, 1),
    };
    promised = Object.fromEntries(names.interface.map((name) => [name,
      interfaceFields(name)]));

    return [
      chance(0.3) ? rootTypes() : '',
      'directive @d(a: Int) repeatable on SCHEMA | SCALAR | OBJECT'
        + ' | FIELD_DEFINITION | ARGUMENT_DEFINITION | INTERFACE | UNION'
        + ' | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION'
        + (oops() ? ' | WHERE' : ''),
      object('Query'),
      ...names.type.map((name) => object(oops() ? 'Query' : name)),
      ...names.interface.map((name) => 'interface ' + name
        + directives('type') + ' { ' + promised[name].map((f) => f.name
          + f.args + ': ' + f.type).join(' ') + ' }'),
      ...names.union.map((name) => 'union ' + name + ' = '
        + [...new Set(times(1, 3, () => one(oops()
          ? ['Int', 'U0', ...names.interface] : names.type)))].join(' | ')),
      ...names.enum.map((name) => 'enum ' + name + directives('type')
        + ' { A' + directives('value') + ' B' + (oops() ? ' A' : '') + ' }'),
      ...names.input.map(inputObject),
      ...names.scalar.map((name) => 'scalar ' + name + directives('scalar')),
      chance(0.2) ? 'extend ' + one(extensions) : '',
    ].join('\n');
  };
}
