import assert from 'node:assert/strict';
import test from 'node:test';
import {parseExpr, parseMeasure, parseWhere} from '../../src/preset/expr.ts';
import {comparisonsOf, isComparison, type Outcome, passTable} from '../../src/preset/conditions.ts';
import {lastWord, splitFrom} from '../../src/preset/expr-parts.ts';
import {decidedBy, rangeOf, testOf} from '../../src/preset/program/compare.ts';

const names: readonly (readonly [string, string])[] = [
  ['comm', 'comm'],
  ['args.filename', 'filename'],
  ['i64(arg1)', 'arg1'],
  ['str(from.args.name, 16)', 'name'],
  ['(struct request)arg0.q.disk.disk_name', 'disk_name'],
  ['args.sk.__sk_common.skc_daddr[3]', 'skc_daddr'],
];
for (const [text, name] of names) test(`the column of ${text} is called ${name}`, () => assert.equal(lastWord(parseExpr(text)), name));

test('a struct cast binds before the members', () => {
  assert.deepEqual(parseExpr('(struct a)arg0.b'), {
    kind: 'member',
    name: 'b',
    of: {kind: 'struct', name: 'a', of: {kind: 'name', name: 'arg0'}},
  });
});

const same: readonly (readonly [string, string])[] = [
  ['args->filename', 'args.filename'],
  ['str(args->name, 16)', 'str(args.name, 16)'],
  ['(struct sock)args.skaddr.__sk_common.skc_daddr', '((struct sock *)args->skaddr)->__sk_common.skc_daddr'],
  ['((struct path *)arg0)->dentry->d_name.name', '(struct path)arg0.dentry.d_name.name'],
];
for (const [text, other] of same)
  test(`${text}, as bpftrace has it, is ${other}`, () => assert.deepEqual(parseExpr(text), parseExpr(other)));

test('texts are in quotes of either kind, and errors have names', () => {
  assert.deepEqual(parseWhere('comm == "it\'s" && args.ret == -ENOENT && args.err != EAGAIN'), [
    {left: {kind: 'name', name: 'comm'}, operator: '==', right: {kind: 'text', value: "it's"}},
    {left: parseExpr('args.ret'), operator: '==', right: {kind: 'integer', value: -2n}},
    {left: parseExpr('args.err'), operator: '!=', right: {kind: 'integer', value: 11n}},
  ]);
  assert.deepEqual(parseExpr('SIGTERM'), {kind: 'integer', value: 15n});
  assert.deepEqual(parseExpr('SIGNAL'), {kind: 'name', name: 'SIGNAL'});
  assert.deepEqual(parseExpr('args.ENOENT'), {kind: 'member', name: 'ENOENT', of: {kind: 'name', name: 'args'}});
  assert.deepEqual(parseExpr('Extra'), {kind: 'name', name: 'Extra'});
});

const fromBpftrace: readonly (readonly [parse: (text: string) => unknown, text: string, hint: RegExp])[] = [
  [parseExpr, '@[comm]', /the field alone: comm/],
  [parseExpr, 'uid == 0', /for "where"/],
  [parseExpr, 'kstack(3)', /'kstack' is the whole call chain/],
  [parseWhere, '/pid == 1/', /without slashes/],
  [parseWhere, '!pid', /pid != 0/],
  [parseWhere, 'pid = 1', /equality is ==/],
  [parseWhere, 'strncmp(comm, "a", 1) == 0', /comm == 'ngin\*'/],
  [parseMeasure, 'quantize(arg0)', /hist\(E\)/],
  [parseMeasure, 'p99(duration)', /hist\(E\) shows p50, p90, p99/],
];
for (const [parse, text, hint] of fromBpftrace)
  test(`'${text}' is answered with how it is said here`, () =>
    assert.throws(
      () => parse(text),
      (error: Error & {hint?: string}) => hint.test(error.hint ?? ''),
    ));

test('from is taken out wherever it stands', () => {
  assert.deepEqual(splitFrom(parseExpr('i32(from.arg1)')), {from: true, expr: {kind: 'cast', to: 'i32', of: {kind: 'name', name: 'arg1'}}});
  assert.equal(splitFrom(parseExpr('args.from')).from, false);
});

test('comparisons are joined by &&, and & alone tests bits', () => {
  const where = parseWhere("args.ret < 0 && comm != 'sh*' && arg0 & 0x40");
  assert.deepEqual(
    where.map((each) => isComparison(each) && each.operator),
    ['<', '!=', '&'],
  );
  assert.deepEqual(comparisonsOf(where[2] ?? {joined: 'or', of: []})[0]?.right, {kind: 'integer', value: 64n});
});

test('bits of a number are compared in parentheses, as in C and bpftrace', () => {
  assert.deepEqual(parseWhere('(args.flags & 0x2) == 0 && (arg0) > 1 && ((struct a *)arg1)->b == 2'), [
    {left: parseExpr('args.flags'), operator: '==', right: {kind: 'integer', value: 0n}, mask: 2n},
    {left: parseExpr('arg0'), operator: '>', right: {kind: 'integer', value: 1n}},
    {left: parseExpr('(struct a)arg1.b'), operator: '==', right: {kind: 'integer', value: 2n}},
  ]);
  assert.throws(() => parseWhere('(arg0 & 2) & 1'), /a comparison of the bits/);
  assert.throws(() => parseWhere('(arg0 & arg1) == 1'), /a constant of bits/);
});

test('measures are parsed with their numbers', () => {
  assert.deepEqual(parseMeasure('count'), {op: 'count'});
  assert.deepEqual(parseMeasure('lhist(arg0, -10, 10, 5)'), {op: 'lhist', of: {kind: 'name', name: 'arg0'}, min: -10n, max: 10n, step: 5n});
});

test('&& binds before ||, parentheses before both, and ! denies what is in them', () => {
  const [a, b, c] = ['pid == 1', 'uid == 2', 'cpu == 3'].map((text) => parseWhere(text)[0]);
  assert.deepEqual(parseWhere('pid == 1 && uid == 2 || cpu == 3'), [{joined: 'or', of: [{joined: 'and', of: [a, b]}, c]}]);
  assert.deepEqual(parseWhere('pid == 1 && (uid == 2 || cpu == 3)'), [a, {joined: 'or', of: [b, c]}]);
  assert.deepEqual(parseWhere('((pid == 1) && uid == 2) && cpu == 3'), [a, b, c]);
  assert.deepEqual(parseWhere('!(pid == 1 || uid == 2)'), [{joined: 'not', of: [{joined: 'or', of: [a, b]}]}]);
  assert.throws(() => parseWhere('(pid == 1 || uid == ) && cpu == 3'), /expected a field, a number or a quoted text at column 21/);
  assert.throws(() => parseWhere('(pid == 1 || uid == 2'), /expected '\)' at column 22/);
  assert.throws(() => parseWhere(`${'('.repeat(500)}pid == 1`), /nested too deeply/);
});

test('a table says of every outcome of the comparisons whether the event is wanted', () => {
  const rules: readonly (readonly [text: string, rule: (a: boolean, b: boolean, c: boolean) => boolean])[] = [
    ['pid == 1 || uid == 2 || cpu == 3', (a, b, c) => a || b || c],
    ['pid == 1 || uid == 2 && cpu == 3', (a, b, c) => a || (b && c)],
    ['!(pid == 1 && (uid == 2 || !(cpu == 3)))', (a, b, c) => !(a && (b || !c))],
  ];
  for (const [text, rule] of rules) {
    const [condition] = parseWhere(text);
    if (condition === undefined) throw new Error('no condition');
    const of = (outcomes: readonly Outcome[]) =>
      passTable(condition, new Map(comparisonsOf(condition).map((each, i) => [each, outcomes[i] ?? false])), 3);
    for (let noted = 0; noted < 8; noted++) {
      const [a, b, c] = [0, 1, 2].map((bit) => (noted & (1 << bit)) !== 0);
      const wanted = rule(a === true, b === true, c === true);
      assert.equal((of([{bit: 0}, {bit: 1}, {bit: 2}]) >> BigInt(noted)) & 1n, wanted ? 1n : 0n, `${text} ${noted}`);
      // what is known beforehand needs no bit
      assert.equal((of([a === true, {bit: 1}, {bit: 2}]) >> BigInt(noted)) & 1n, wanted ? 1n : 0n, `${text} ${noted}`);
    }
  }
});

test('a number may have a unit: times are ns, sizes bytes', () => {
  const values = ['10ms', '2us', '1s', '7ns', '4KiB', '-1MiB', '3kB', '0x10'].map((text) => parseExpr(text));
  assert.deepEqual(
    values.map((value) => value.kind === 'integer' && value.value),
    [10_000_000n, 2000n, 1_000_000_000n, 7n, 4096n, -1_048_576n, 3000n, 16n],
  );
  assert.throws(() => parseExpr('10min'), /expected an integer, or one of ns us ms s .* behind it at column 1, found '10min'/);
});

test('a count of some events alone has their condition', () => {
  assert.deepEqual(parseMeasure('count(args.ret < 0)'), {op: 'count', where: parseWhere('args.ret < 0')[0]});
  assert.deepEqual(parseMeasure('count()'), {op: 'count'});
});

const faults: readonly (readonly [parse: (text: string) => unknown, text: string, message: RegExp])[] = [
  [parseExpr, '', /expected a field, a number or a quoted text at column 1, found the end/],
  [parseExpr, 'args.', /expected a member name at column 6/],
  [parseExpr, 'str(arg0', /expected '\)' at column 9, found the end/],
  [parseExpr, 'str(arg0, 500)', /str\(E, N\) wants N from 1 to 127, not 500/],
  [parseExpr, 'lower(comm)', /unknown function 'lower'/],
  [parseExpr, "'open", /has no closing quote/],
  [parseExpr, '99999999999999999999', /does not fit into 64 bits/],
  [parseExpr, 'comm;', /expected the end at column 5, found ';'/],
  [parseWhere, 'comm', /expected a comparison/],
  [parseWhere, "comm = 'a'", /expected a comparison: .* at column 6/],
  [parseMeasure, 'median(arg0)', /unknown measure 'median'/],
  [parseMeasure, 'lhist(arg0, 10, 0, 1)', /wants MIN < MAX/],
  [parseMeasure, 'sum', /expected '\('/],
];
for (const [parse, text, message] of faults)
  test(`'${text}' is refused with a place and what was expected`, () => assert.throws(() => parse(text), message));

const compares = {
  '==': (a: bigint, b: bigint) => a === b,
  '!=': (a: bigint, b: bigint) => a !== b,
  '<': (a: bigint, b: bigint) => a < b,
  '<=': (a: bigint, b: bigint) => a <= b,
  '>': (a: bigint, b: bigint) => a > b,
  '>=': (a: bigint, b: bigint) => a >= b,
};

test('a comparison with a constant is true of the same values as the kernel’s test', () => {
  const all = (1n << 64n) - 1n;
  const values = [0n, 1n, 5n, 9n, 10n, 11n, (1n << 63n) - 1n, 1n << 63n, all - 1n, all];
  const constants = [-10n, -1n, 0n, 1n, 10n, (1n << 63n) - 1n];
  for (const signed of [true, false])
    for (const [operator, rule] of Object.entries(compares) as [keyof typeof compares, (a: bigint, b: bigint) => boolean][])
      for (const constant of constants)
        for (const value of values) {
          const kernel = testOf(operator, constant, signed);
          const inside = kernel === undefined || BigInt.asUintN(64, (value & kernel.mask) - kernel.low) <= kernel.span === kernel.inside;
          assert.equal(
            inside,
            rule(signed ? BigInt.asIntN(64, value) : value, constant),
            `${signed ? 'signed' : 'unsigned'} ${value} ${operator} ${constant}`,
          );
        }
});

test('a comparison is decided when it is the same of every number of the type', () => {
  const rules = {...compares, '&': (a: bigint, b: bigint) => (a & b) !== 0n};
  for (const signed of [true, false]) {
    const {least, most} = rangeOf(8, signed);
    const values = Array.from({length: 256}, (_, i) => least + BigInt(i));
    assert.equal(values.at(-1), most);
    for (const [operator, rule] of Object.entries(rules) as [keyof typeof rules, (a: bigint, b: bigint) => boolean][])
      for (let constant = -260n; constant <= 260n; constant++) {
        if (operator === '&' && constant !== 0n && (constant < 0n || constant > 255n)) continue; // bits that none of the numbers has
        const found = new Set(values.map((value) => rule(value, constant)));
        const expected = found.size === 2 ? undefined : found.has(true);
        assert.equal(decidedBy(operator, constant, {least, most}), expected, `${signed} ${operator} ${constant}`);
      }
  }
});

test('?? names a second expression for kernels without the first', () => {
  assert.deepEqual(parseExpr('args.a ?? args.b.c'), {kind: 'either', first: parseExpr('args.a'), second: parseExpr('args.b.c')});
  assert.equal(lastWord(parseExpr('args.a ?? args.b')), 'a');
  const [comparison] = parseWhere('args.__state ?? args.state == 0').flatMap(comparisonsOf);
  assert.deepEqual([comparison?.left.kind, comparison?.operator], ['either', '==']);
});

test('from stands on both sides of ??, or on neither', () => {
  assert.deepEqual(splitFrom(parseExpr('from.args.a ?? from.args.b')), {from: true, expr: parseExpr('args.a ?? args.b')});
  assert.throws(() => parseExpr('from.args.a ?? args.b'), /both sides of '\?\?'/);
});
