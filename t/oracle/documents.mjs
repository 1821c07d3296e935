// SPDX-License-Identifier: BSD-2-Clause
//
// Generates GraphQL documents for a schema.  A document is mostly right; in
// half of them each decision goes wrong now and then, and some have their
// tokens shuffled, so that all rules are met, and the grammar too.

export function generator(g, schema, seed) {
  let state = (seed >>> 0) || 1;

  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  const below = (n) => Math.floor(random() * n);
  const one = (list) => list[below(list.length)];
  const chance = (p) => random() < p;

  const types = Object.values(schema.getTypeMap())
    .filter((t) => !t.name.startsWith('__'));
  const composites = types.filter((t) => g.isCompositeType(t));
  const directives = schema.getDirectives();

  let wrong;                    // the chance of a wrong decision
  let variables;                // of the operation: name -> type text
  let fragments;                // name -> type name
  let budget;
  let aliases;                  // null: fields may conflict; else how many

  const oops = () => chance(wrong);
  const strings = ['""', '"a"', '"caf\\u00e9"', '"\\u{1F600}"', '"""b"""',
    '"""\n  c\n    d\n"""', '"\\n"', '"RED"'];
  const ints = ['0', '1', '-7', '2147483647'];

  const junk = (depth) => {
    switch (below(depth > 0 ? 9 : 7)) {
      case 0: return one(ints);
      case 1: return one(['1.5', '-0.1e3', '2E5']);
      case 2: return one(strings);
      case 3: return one(['true', 'false']);
      case 4: return 'null';
      case 5: return one(['RED', 'GREEN', 'PENDING', 'WRONG']);
      case 6: return '2147483648';
      case 7: return '[' + many(0, 3, () => junk(depth - 1)).join(one([', ',
        ' '])) + ']';
      default: return '{' + many(0, 3, () => one(['name', 'id', 'color', 'x'])
        + ': ' + junk(depth - 1)).join(', ') + '}';
    }
  };

  function many(least, most, make) {
    const list = [];
    for (let n = least + below(most - least + 1); n > 0; n--) {
      list.push(make());
    }
    return list;
  }

  const variable = (type) => {
    if (variables === null) {
      return null;
    }
    const fits = [...variables].filter(([, t]) => t === String(type)
      || t === String(type) + '!');
    if (oops()) {
      return '$' + one(['nobody', 'v0', 'v1', 'v2']);
    }
    if (fits.length > 0 && chance(0.7)) {
      return '$' + one(fits)[0];
    }
    if (variables.size < 6) {
      const name = 'v' + variables.size;
      variables.set(name, String(type) + (String(type).endsWith('!')
        || chance(0.7) ? '' : '!'));
      return '$' + name;
    }
    return null;
  };

  const value = (type, depth = 3) => {
    if (oops()) {
      return junk(2);
    }
    if (chance(0.25)) {
      const found = variable(type);
      if (found !== null) {
        return found;
      }
    }
    if (g.isNonNullType(type)) {
      return value2(type.ofType, depth);
    }
    return chance(0.1) ? 'null' : value2(type, depth);
  };

  const value2 = (type, depth) => {
    if (g.isListType(type)) {
      return chance(0.2) ? value(type.ofType, depth - 1)
        : '[' + many(0, 3, () => value(type.ofType, depth - 1)).join(', ')
          + ']';
    }
    if (g.isEnumType(type)) {
      return one(type.getValues()).name;
    }
    if (g.isInputObjectType(type)) {
      return object(type, depth);
    }
    switch (type.name) {
      case 'Int': return one(ints);
      case 'Float': return one(['1', '1.5', '-2e2']);
      case 'String': return one(strings);
      case 'Boolean': return one(['true', 'false']);
      case 'ID': return one(['"x"', '7']);
      case 'DateTime': return '"2026-11-24T06:35:07Z"';
      default: return junk(2);
    }
  };

  const object = (type, depth) => {
    let fields = Object.values(type.getFields());
    if (type.isOneOf && !oops()) {
      const field = one(fields);
      const inner = variables !== null && chance(0.2)
        ? variable(new g.GraphQLNonNull(field.type)) : null;
      return '{' + field.name + ': ' + (inner ?? value2(field.type, depth - 1))
        + '}';
    }
    fields = fields.filter((f) => g.isRequiredInputField(f) ? !oops()
      : depth > 0 && chance(0.4));
    if (oops() && fields.length > 0) {
      fields.push(one(fields));
    }
    const texts = fields.map((f) => f.name + ': ' + value(f.type, depth - 1));
    if (oops()) {
      texts.push('nmae: 1');
    }
    return '{' + texts.join(', ') + '}';
  };

  const argumentsOf = (args) => {
    const picked = args.filter((a) => g.isRequiredArgument(a) ? !oops()
      : chance(0.4));
    if (oops() && picked.length > 0) {
      picked.push(one(picked));
    }
    if (chance(0.2)) {
      picked.reverse();
    }
    const texts = picked.map((a) => a.name + ': ' + value(a.type));
    if (oops()) {
      texts.push(one(['idd', 'x', 'fist']) + ': ' + junk(1));
    }
    return texts.length > 0 ? '(' + texts.join(', ') + ')' : '';
  };

  const directivesAt = (place) => {
    let text = '';
    while (chance(0.1) && budget > 0) {
      budget--;
      const fits = directives.filter((d) => oops()
        || d.locations.includes(place));
      if (fits.length === 0) {
        break;
      }
      const directive = one(fits);
      const name = oops() ? 'unknown' : directive.name;
      if (!directive.isRepeatable && text.includes('@' + name) && !oops()) {
        continue;
      }
      const saved = variables;
      if (place === 'VARIABLE_DEFINITION') {
        variables = null;
      }
      text += ' @' + name + argumentsOf(directive.args);
      variables = saved;
    }
    return text;
  };

  const field = (parent, depth) => {
    const meta = { name: '__typename', args: [], type: g.GraphQLString };
    let fields = g.isUnionType(parent) ? [] : Object.values(parent.getFields());
    if (depth <= 0) {
      fields = fields.filter((f) => g.isLeafType(g.getNamedType(f.type)));
    }
    const picked = fields.length > 0 && !chance(0.1) ? one(fields) : meta;
    let text = '';
    if (aliases !== null ? picked.args.length > 0 || picked.type !== meta.type
        : chance(0.15)) {
      text += (aliases !== null ? 'k' + aliases++
        : one(['a', 'b', 'name', 'id', 'color'])) + ': ';
    }
    text += oops() ? one(['nmae', 'x', 'barks', 'size', '__type']) : picked.name;
    text += argumentsOf(picked.args) + directivesAt('FIELD');
    const named = g.getNamedType(picked.type);
    if (g.isCompositeType(named) !== oops()) {
      text += ' ' + selections(g.isCompositeType(named) ? named
        : one(composites), depth - 1);
    }
    return text;
  };

  const overlapping = (parent) => oops() ? one(types)
    : one(composites.filter((t) => g.doTypesOverlap(schema, parent, t)));

  const spread = (parent, depth) => {
    if (chance(0.5)) {
      const type = overlapping(parent);
      const composite = g.isCompositeType(type) ? type : one(composites);
      return '...' + (type === parent && chance(0.5) ? ''
        : ' on ' + (oops() ? 'Nothing' : type.name))
        + directivesAt('INLINE_FRAGMENT') + ' '
        + selections(composite, depth - 1);
    }
    if (oops()) {
      return '...Nowhere';
    }
    const fits = [...fragments].filter(([, t]) => oops()
      || g.doTypesOverlap(schema, parent, schema.getType(t)));
    let name;
    if (fits.length > 0 && (chance(0.6) || fragments.size >= 5)) {
      name = one(fits)[0];
    } else if (fragments.size < 5) {
      name = 'F' + fragments.size;
      fragments.set(name, one(composites.filter((t) => g.doTypesOverlap(schema,
        parent, t))).name);
    } else {
      return '__typename';
    }
    return '...' + name + directivesAt('FRAGMENT_SPREAD');
  };

  const selections = (parent, depth) => {
    const list = many(1, 4, () => {
      if (--budget <= 0) {
        return '__typename';
      }
      return chance(0.25) && depth > 0 ? spread(parent, depth)
        : field(parent, depth);
    });
    return '{ ' + list.join(one([' ', ', ', '\n  '])) + ' }';
  };

  const definitions = () => {
    const used = [...variables].map(([name, type]) => {
      let text = '$' + name + ': ' + (oops() ? one(['Int', 'Cat', 'Nope',
        '[ID!]', type + '!']) : type);
      if (!text.endsWith('!') && chance(0.2) || oops()) {
        const named = schema.getType(type.replace(/[[\]!]/g, ''));
        const saved = variables;
        variables = null;
        text += ' = ' + (type.includes('[') || !g.isInputType(named) ? junk(1)
          : value2(named, 1));
        variables = saved;
      }
      return (chance(0.05) ? '"a description" ' : '') + text
        + directivesAt('VARIABLE_DEFINITION');
    });
    if (oops()) {
      used.push('$unused: Int');
    }
    if (oops() && used.length > 0) {
      used.push(used[0]);
    }
    return used.length > 0 ? '(' + used.join(', ') + ')' : '';
  };

  const operation = (named) => {
    const kinds = [['query', schema.getQueryType()],
      ['mutation', schema.getMutationType()],
      ['subscription', schema.getSubscriptionType()]];
    const [kind, type] = oops() ? one(kinds) : one(kinds.filter(([, t]) => t));
    const root = type ?? schema.getQueryType();
    variables = new Map();
    let body = kind === 'subscription' && !oops()
      ? '{ ' + field(root, 3) + ' }' : selections(root, 4);
    if (kind === 'query' && chance(0.05)) {
      body = '{ __schema { types { name fields { type { name } } } } '
        + body.slice(1);
    }
    const after = directivesAt(kind.toUpperCase());
    const before = definitions();
    if (kind === 'query' && !named && before === '' && after === ''
        && chance(0.7)) {
      return [body, variables];
    }
    const name = named ? ' ' + (oops() ? 'Q0' : 'Q' + below(1000)) : '';
    return [(chance(0.05) ? '"""about it"""\n' : '') + kind + name + before
      + after + ' ' + body, variables];
  };

  const shuffled = (text) => {
    const tokens = text.match(/"(?:[^"\\\n]|\\.)*"|\w+|\.\.\.|\s+|[^\s\w]/g);
    for (let n = 1 + below(2); n > 0; n--) {
      const at = below(tokens.length);
      switch (below(5)) {
        case 0: tokens.splice(at, 1); break;
        case 1: tokens.splice(at, 0, tokens[at]); break;
        case 2: tokens[at] = one(['{', '}', '(', ')', '[', ']', ':', '!', '$',
          '@', '...', '"', '&', '|', '=', 'on', 'null', '1', '"s"', '#',
          '\ufeff', '-', '01', '1.', '.5', '\\', 'é', 'type', '"""']); break;
        case 3: tokens[at] = tokens[below(tokens.length)]; break;
        default: tokens.splice(at, 0, one(['{', '}', 'x', '!', ',', '"d" ']));
      }
    }
    return tokens.join('');
  };

  return () => {
    wrong = chance(0.5) ? 0 : one([0.01, 0.03, 0.1]);
    fragments = new Map();
    budget = 60;
    aliases = chance(0.6) ? 0 : null;
    const parts = [];
    const count = chance(0.8) ? 1 : 2;
    const shared = new Map();
    for (let i = 0; i < count; i++) {
      const [text, used] = operation(count > 1 !== oops() || chance(0.3));
      parts.push(text);
      used.forEach((type, name) => shared.set(name, type));
    }
    let done = 0;
    while (done < fragments.size) {
      const [name, type] = [...fragments][done++];
      variables = chance(0.1) && count === 1 ? shared : null;
      const known = [...fragments];
      if (wrong === 0) {        // none of those before: no cycles
        fragments = new Map(known.slice(done));
      }
      const cond = schema.getType(type);
      const text = 'fragment ' + (oops() ? 'F0' : name) + ' on '
        + (oops() ? one(types).name : type)
        + directivesAt('FRAGMENT_DEFINITION') + ' ' + selections(cond, 3);
      if (wrong === 0) {
        fragments = new Map([...known.slice(0, done), ...fragments]);
      }
      parts.push((chance(0.03) ? '"d" ' : '') + text);
    }
    if (oops()) {
      parts.push(one(['type X { a: Int }', 'extend type Cat { b: Int }',
        'scalar S']));
    }
    const text = parts.join('\n');
    return chance(0.15) ? shuffled(text) : text;
  };
}
