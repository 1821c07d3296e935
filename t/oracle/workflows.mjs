// SPDX-License-Identifier: BSD-2-Clause
//
// Generates workflows for workflow.mjs: a definition that is valid, an input,
// and what its tasks answer. States only lead forward, so that each run ends.

const keys = ['a', 'b', 'c', 'd'];
const moment = '2016-03-14T01:59:00Z';
const words = ['x', 'y', 'abc', moment, 'foo*.log'];
const errors = ['E1', 'E2', 'E3', 'States.TaskFailed', 'States.ALL',
  'States.Timeout'];
const orders = ['Equals', 'LessThan', 'GreaterThan', 'LessThanEquals',
  'GreaterThanEquals'];
const tests = ['IsNull', 'IsPresent', 'IsNumeric', 'IsString', 'IsBoolean',
  'IsTimestamp'];
const types = ['Task', 'Task', 'Pass', 'Pass', 'Choice', 'Wait', 'Succeed',
  'Fail', 'Parallel', 'Map'];

export const generator = (seed) => {
  let state = seed || 1;
  let number, mocks;

  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  const below = (n) => Math.floor(random() * n);
  const one = (list) => list[below(list.length)];
  const chance = (p) => random() < p;
  const some = (n, make) => Array.from({ length: n }, (_, i) => make(i));

  const json = (depth = 0) => {
    switch (below(depth > 2 ? 5 : 8)) {
      case 0: return below(10);
      case 1: return one(words);
      case 2: return chance(0.5);
      case 3: return null;
      case 4: return below(100) / 4;
      case 5: return some(below(4), () => json(depth + 1));
      default: return Object.fromEntries(keys.filter(() => chance(0.6))
        .map((key) => [key, json(depth + 1)]));
    }
  };

  const reference = () => {
    if (chance(0.25)) return '$';
    const path = '$.' + one(keys);
    if (!chance(0.25)) return path;
    return path + (chance(0.7) ? '.' + one(keys) : `[${below(2)}]`);
  };
  const path = () => (chance(0.93) ? reference()
    : one(['$.a[*]', '$..b', '$.c[0:2]', "$['a','b']", '$.*', '$.a[-1:]',
      '$.b[?(@.a)]', '$.b[?(@.a == 1)]', '$..a[0]']));
  const resultPath = () => (chance(0.15) ? null
    : '$.' + one(chance(0.6) ? ['e', 'f'] : keys));

  const argument = (depth) => (depth < 2 && chance(0.4) ? call(depth + 1)
    : one([reference(), "'s'", `${below(9)}`, 'null']));
  const calls = [
    (d) => `States.Array(${argument(d)}, ${argument(d)})`,
    () => `States.Format('{}-{}', ${one(["'q'", reference(), '5'])}, 7)`,
    () => `States.ArrayLength(${reference()})`,
    () => `States.JsonToString(${reference()})`,
    () => `States.MathAdd(${below(9)}, ${-below(9)})`,
    () => `States.ArrayContains(${reference()}, ${below(4)})`,
    () => `States.ArrayRange(${below(4)}, ${below(9)}, ${1 + below(2)})`,
    () => `States.ArrayPartition(${reference()}, ${1 + below(3)})`,
    () => `States.ArrayUnique(${reference()})`,
    () => "States.Base64Encode('hello')",
    () => `States.Hash('x', '${one(['MD5', 'SHA-1', 'SHA-256'])}')`,
    () => "States.StringSplit('a,b,c', ',')",
    () => `States.ArrayGetItem(${reference()}, ${below(3)})`,
    () => `States.JsonMerge(${reference()}, ${reference()}, false)`,
    () => "States.StringToJson('[1]')",
  ];
  const call = (depth = 0) => one(calls)(depth);

  const template = () => {
    const made = {};
    for (const key of ['p', 'q', 'r'].slice(0, 1 + below(3))) {
      if (chance(0.3)) made[key] = json(2);
      else made[key + '.$'] = chance(0.35) ? call() : path();
    }
    return made;
  };

  const values = {
    String: () => one(['x', 'abc', 'b']),
    Numeric: () => below(10),
    Timestamp: () => one([moment, '2020-01-01T00:00:00Z']),
    Boolean: () => chance(0.5),
  };
  const rule = (depth = 0) => {
    const kind = below(depth < 2 ? 10 : 7);
    if (kind === 9) return { And: some(2, () => rule(depth + 1)) };
    if (kind === 8) return { Or: some(2, () => rule(depth + 1)) };
    if (kind === 7) return { Not: rule(depth + 1) };
    const made = { Variable: reference() };
    const type = one(Object.keys(values));
    if (kind < 3) made[one(tests)] = true;
    else if (kind === 3) {
      made.StringMatches = one(['a*', '*', '*c', 'x', 'foo\\*.log', 'f*\\**']);
    } else {
      made[type + (type === 'Boolean' ? 'Equals' : one(orders))]
        = values[type]();
    }
    return made;
  };

  // States.ALL stands alone and last
  const handled = (make) => {
    const n = 1 + below(2);
    return some(n, (i) => {
      const error = one(errors);
      return { ErrorEquals: [error === 'States.ALL' && i < n - 1 ? 'E1'
        : error], ...make() };
    });
  };
  const caught = (next) => handled(() => ({ Next: next(),
    ...chance(0.5) ? { ResultPath: resultPath() } : {} }));

  const fill = {
    Task(made, name, next) {
      made.Resource = 'arn:aws:lambda:us-east-1:123456789012:function:F';
      if (chance(0.3)) made.Parameters = template();
      if (chance(0.25)) made.ResultSelector = template();
      if (chance(0.5)) made.ResultPath = resultPath();
      if (chance(0.4)) {
        made.Retry = handled(() => ({ MaxAttempts: below(3) }));
      }
      if (next && chance(0.5)) made.Catch = caught(next);
      mocks[name] = some(1 + below(3), () => (chance(0.3)
        ? { Throw: { Error: one(['E1', 'E2', 'E3']), Cause: 'c' } }
        : { Return: json() }));
    },
    Pass(made) {
      if (chance(0.3)) made.Result = json();
      else if (chance(0.4)) made.Parameters = template();
      if (chance(0.4)) made.ResultPath = resultPath();
    },
    Choice(made, name, next) {
      made.Choices = some(1 + below(3), () => ({ ...rule(), Next: next() }));
      if (chance(0.8)) made.Default = next();
    },
    Wait(made) {
      if (chance(0.5)) made.Seconds = 1 + below(5);
      else made.Timestamp = moment;
    },
    Succeed() {},
    Fail(made) {
      made.Error = one(['E1', 'E9']);
      made.Cause = 'boom';
    },
    Parallel(made, name, next, depth) {
      if (chance(0.2)) made.Parameters = template();
      if (chance(0.3)) made.ResultPath = resultPath();
      made.Branches = some(1 + below(2), () => machine(depth + 1));
      if (next && chance(0.4)) made.Catch = caught(next);
    },
    Map(made, name, next, depth) {
      if (chance(0.8)) made.ItemsPath = '$.' + one(keys);
      if (chance(0.3)) {
        made.ItemSelector = { i: 'k', 'v.$': '$$.Map.Item.Value',
          'n.$': '$$.Map.Item.Index' };
      }
      made.MaxConcurrency = 1;
      if (chance(0.3)) made.ResultPath = resultPath();
      made.ItemProcessor = machine(depth + 1);
      if (next && chance(0.4)) made.Catch = caught(next);
    },
  };

  const type = (last, depth) => {
    const wanted = one(types);
    const wrong = last ? ['Choice'] : ['Fail', 'Succeed'];
    return wrong.includes(wanted)
      || (depth > 1 && ['Parallel', 'Map'].includes(wanted)) ? 'Pass' : wanted;
  };

  // each state is reached: the first way out of one leads to the next
  const machine = (depth) => {
    const names = some(1 + below(depth ? 3 : 5), () => 'S' + number++);
    const states = {};
    names.forEach((name, i) => {
      const last = i === names.length - 1;
      let ways = 0;
      const next = last ? null : () => (ways++ === 0 ? names[i + 1]
        : one(names.slice(i + 1)));
      const made = states[name] = { Type: type(last, depth) };
      if (made.Type !== 'Fail') {
        if (chance(0.2)) made.InputPath = chance(0.1) ? null : reference();
        if (chance(0.15)) made.OutputPath = chance(0.1) ? null : reference();
      }
      fill[made.Type](made, name, next, depth);
      if (['Choice', 'Succeed', 'Fail'].includes(made.Type)) return;
      if (last || (ways > 0 && chance(0.1))) made.End = true;
      else made.Next = next();
    });
    return { StartAt: names[0], States: states };
  };

  return () => {
    number = 0;
    mocks = {};
    const definition = machine(0);
    const input = Object.fromEntries(keys.map((key) => [key, json(1)]));
    return { definition, input, mocks };
  };
};
