// Names of functions as a user asks for them: plain, mangled, written, with parameters and without.
import assert from 'node:assert/strict';
import test from 'node:test';
import {namedFunctions, withoutParameters} from '../../src/preset/points/function-names.ts';
import {whyNoEntry, whyNoReturn} from '../../src/preset/points/unsafe-user-functions.ts';

const shortened: readonly (readonly [string, string])[] = [
  ['malloc', 'malloc'],
  ['ns::Thing::run(int)', 'ns::Thing::run'],
  ['ns::Thing::run(int) const', 'ns::Thing::run'],
  ['ns::f(void (*)(int), char)', 'ns::f'],
  ['int ns::twice<int>(int)', 'ns::twice<int>'],
  ['unsigned long ns::g<void (int)>(void (*)(int))', 'ns::g<void (int)>'],
  ['(anonymous namespace)::f(int)', '(anonymous namespace)::f'],
  ['(anonymous namespace)::f', '(anonymous namespace)::f'],
  ['ns::Thing::operator()(int) const', 'ns::Thing::operator()'],
  ['ns::Thing::operator bool() const', 'ns::Thing::operator bool'],
  ['operator new(unsigned long)', 'operator new'],
  ['core::fmt::write::h0123456789abcdef', 'core::fmt::write'],
  [')', ')'],
];
test('names without parameters and results', () => {
  assert.deepEqual(
    shortened.map(([name]) => withoutParameters(name)),
    shortened.map(([, short]) => short),
  );
});

const written: Readonly<Record<string, string>> = {_Zrun1: 'ns::run(int)', _Zrun2: 'ns::run(long)', _Zstop: 'ns::stop()'};
const functions = [
  ...['_Zrun1', '_Zrun2', '_Zstop', 'read', '__read', '__libc_read'].map((name, i) => ({name, offset: i < 3 ? i : 9})),
].map((each) => ({...each, size: 1, firstByte: 0x55, global: true}));
const asked: readonly (readonly [string, readonly string[]])[] = [
  ['read', ['read']],
  ['*read', ['read']],
  ['__read', ['__read']],
  ['_Zstop', ['_Zstop']],
  ['ns::stop', ['ns::stop']],
  ['ns::run', ['ns::run(int)', 'ns::run(long)']],
  ['ns::run(int)', ['ns::run']],
  ['ns::*', ['ns::run(int)', 'ns::run(long)', 'ns::stop']],
  ['_Zs*', ['ns::stop']],
  ['ns', []],
];
test('a pattern means plain, mangled and written names, one place each, overloads apart', () => {
  assert.deepEqual(
    asked.map(([pattern]) =>
      namedFunctions(pattern, functions, (names) => names.map((each) => written[each] ?? each)).map(({name}) => name),
    ),
    asked.map(([, names]) => names),
  );
});

test('what is unsafe at its return has a reason, and ordinary functions have none', () => {
  for (const name of [
    'setjmp',
    '__sigsetjmp',
    'longjmp',
    '____longjmp_chk',
    'vfork',
    'clone3',
    'swapcontext',
    'getcontext',
    '_exit',
    '_start',
  ])
    assert.equal(typeof whyNoReturn(name), 'string', name);
  for (const name of ['__restore_rt', '_dl_runtime_resolve_xsavec', '_Unwind_RaiseException', '__cxa_throw', 'abort'])
    assert.equal(typeof whyNoReturn(name), 'string', name);
  for (const name of ['malloc', 'read', 'fork', 'main', 'on_exit', 'atexit', 'exit_handler', 'my_longjmp_free', 'clone_tree'])
    assert.equal(whyNoReturn(name), undefined, name);
  assert.equal(typeof whyNoEntry(0x62, 62), 'string');
  assert.equal(whyNoEntry(0x62, 183), undefined);
  assert.equal(whyNoEntry(0x55, 62), undefined);
});
