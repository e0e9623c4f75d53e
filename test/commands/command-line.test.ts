// Command lines by tables: what is read of them, and every fault in the user's words.
import assert from 'node:assert/strict';
import test from 'node:test';
import {readCommandLine} from '../../src/commands/line/command-line.ts';
import {commandNames, commands} from '../../src/commands/command-table.ts';
import {type FlagValues, flagNames, flagTable} from '../../src/commands/line/flags.ts';
import {helpText} from '../../src/commands/line/help.ts';
import {UserError} from '../../src/errors.ts';

const read = (line: readonly string[]) => readCommandLine(line);

const right: readonly (readonly [line: readonly string[], values: Partial<FlagValues>, words: readonly string[]])[] = [
  [['-b', 'openat', '-n', '5'], {batch: true, count: 5}, ['openat']],
  [['-n5', '-d0.5', '-bp', '7'], {count: 5, interval: 0.5, batch: true, pid: '7'}, []],
  [['--sort', '-total', 'openat'], {sort: '-total'}, ['openat']],
  [['--sort=-total'], {sort: '-total'}, []],
  [['-e', 'syscall:read', '-esyscall:write'], {attach: ['syscall:read', 'syscall:write']}, []],
  [['-e', 'syscall:read', '--where', "'a' == comm", '--by', "'x'"], {where: ["'a' == comm"], by: ["'x'"]}, []],
  [['--where', '-1 == args.ret', '-e', 'syscall:read'], {where: ['-1 == args.ret']}, []],
  [['--max-bytes', '4096', '--no-color', '--ascii'], {maxBytes: 4096, color: false, ascii: true}, []],
  [['--presets', 'a', 'openat', '--presets', 'b'], {presets: ['a', 'b']}, ['openat']],
  [['--color', '--no-mouse', '-b', '-'], {color: true, mouse: false, batch: true}, ['-']],
  [['--', '-b'], {}, ['-b']],
];
for (const [line, values, words] of right)
  test(`${line.join(' ')} is read as it is meant`, () => {
    const found = read(line);
    for (const [name, value] of Object.entries(values)) assert.deepEqual(found.values[name as keyof FlagValues], value, name);
    assert.deepEqual(found.words, words);
  });

test('a command is named first, and its words follow', () => {
  assert.deepEqual([read(['probes', '-v', 'kprobe:*']).command, read(['probes', '-v', 'kprobe:*']).words], ['probes', ['kprobe:*']]);
  assert.equal(read(['view']).command, 'view');
  assert.deepEqual(read(['view']).words, ['view'], 'what is no command is a view');
  assert.deepEqual(read(['constructor']).words, ['constructor']);
});

const wrong: readonly (readonly [line: readonly string[], message: RegExp, ...more: readonly RegExp[]])[] = [
  [['--intervall', '2'], /^unknown flag --intervall; nearest: --interval/],
  [['-x'], /^unknown flag -x$/],
  [['--__proto__', '1'], /^unknown flag|^the command line/],
  [['--no-interval'], /^unknown flag --no-interval/],
  [['--json=yes'], /^--json takes nothing after '='$/],
  [['-d'], /^--interval wants SECONDS after it$/],
  [['-d', '--json'], /^--interval wants SECONDS after it$/],
  [['-e'], /^-e wants PROBE after it$/],
  [['--by='], /^--by wants \[TITLE=\]E\[:FORMAT\] after it$/],
  [['-d', '1e999'], /^--interval wants a number from 0\.1 to 86400, not '1e999'$/],
  [['-n', '0x1.5'], /^--count wants a number from 0, not '0x1\.5'$/],
  [['-n', '1.5'], /^--count wants a whole number, not '1\.5'$/],
  [['-d', '1', '-d', '2'], /^--interval is given 2 times: 1, 2$/],
  [['list', '-d', '1'], /^'tsbpftop list' takes no --interval$/],
  [['doctor', 'openat'], /^'tsbpftop doctor' takes no 'openat' after it$/],
  [['--events', 'openat', '--sort', 'comm'], /^--events and --sort do not go together$/],
  [['--events', '--csv', 'openat'], /^--events and --csv do not go together$/],
  [['--folded', '--json', 'off-cpu'], /^--folded and --json do not go together$/],
  [['--csv', '--json', 'openat'], /^--csv and --json do not go together$/],
  [['--header', '-b', 'openat'], /^--header wants --json beside it$/],
  [['--sum', 'openat'], /^--sum wants --host beside it$/],
  [['-v'], /^--verbose belongs to 'tsbpftop /],
  [['-d', '0', '-n', 'x', '--frob'], /^the command line has 3 faults$/, /--interval wants/, /--count wants/, /unknown flag --frob/],
];
for (const [line, message, ...more] of wrong)
  test(`${line.join(' ')} is refused in its own words, with status 2`, () => {
    assert.throws(
      () => read(line),
      (error: unknown) => {
        assert.ok(error instanceof UserError);
        assert.equal(error.status, 2);
        assert.match(error.message, message);
        for (const each of more) assert.match(error.hint, each);
        return true;
      },
    );
  });

test('what a flag wants beside it, and does not go with, are flags of the same commands', () => {
  for (const {wants, not = [], of} of Object.values(flagTable))
    for (const other of [...(wants === undefined ? [] : [wants]), ...not])
      assert.ok(
        flagNames.some((name) => name === other && flagTable[name].of.some((each) => of.includes(each))),
        other,
      );
});

test('help is given even where the rest is wrong, and for the command that is named', () => {
  assert.equal(read(['--help', '--frob', '-d']).values.help, true);
  assert.match(helpText('list'), /^Usage\n {2}tsbpftop list /);
  assert.doesNotMatch(helpText('list'), /--interval/);
});

test('the general help names every command and every flag, and no line is too wide', () => {
  const help = helpText('view');
  for (const name of flagNames)
    assert.ok(
      help.includes(`--${flagTable[name].negated === true ? 'no-' : ''}`) && help.includes(flagTable[name].says.slice(0, 20)),
      name,
    );
  for (const name of commandNames)
    assert.ok(
      commands[name].usage.every(([call]) => help.includes(call)),
      name,
    );
  for (const line of help.split('\n')) assert.ok(line.length <= 100, line);
});

test('every example of a command is a command line that can be read', () => {
  for (const name of commandNames)
    for (const [call] of commands[name].examples) {
      const words = (call.split(' | ')[0] ?? '').match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
      const [program, ...line] = words.map((word) => word.replace(/^(['"])(.*)\1$/, '$2'));
      assert.equal(program, 'tsbpftop', call);
      assert.equal(read(line).command, name, call);
    }
});

test('no short flag is given twice', () => {
  const shorts = flagNames.flatMap((name) => flagTable[name].short ?? []);
  assert.equal(new Set(shorts).size, shorts.length);
});
