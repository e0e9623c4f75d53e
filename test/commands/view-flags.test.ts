// Views made of flags: the JSON they become, their names, and their faults in the flags' words.
import assert from 'node:assert/strict';
import test from 'node:test';
import {readCommandLine} from '../../src/commands/line/command-line.ts';
import {splitList} from '../../src/commands/line/split-list.ts';
import {inFlagWords, nameOf, presetOfFlags} from '../../src/commands/line/view-flags.ts';
import {UserError} from '../../src/errors.ts';

const made = (line: readonly string[]) => {
  const {values, words} = readCommandLine(line);
  return presetOfFlags(values, words);
};

const right: readonly (readonly [line: readonly string[], json: unknown])[] = [
  [['-e', 'kprobe:vfs_*'], {name: 'vfs', attach: 'kprobe:vfs_*', measure: 'count'}],
  [
    ['-e', 'syscall:read', '-e', 'syscall:write', '--by', 'comm,func'],
    {name: 'read', attach: ['syscall:read', 'syscall:write'], by: ['comm', 'func'], measure: 'count'},
  ],
  [['--span', 'syscall:read', '--by', 'comm'], {name: 'read', span: 'syscall:read', by: ['comm'], measure: 'hist(duration)'}],
  [['-e', 'f:vfs_*|k:vfs_*'], {name: 'vfs', attach: {firstOf: ['fentry:vfs_*', 'kprobe:vfs_*']}, measure: 'count'}],
  [
    ['--span', 'syscall:read', '--measure', 'ERRORS = count(args.ret < 0), count(args.ret == 0)'],
    {name: 'read', span: 'syscall:read', measure: [{measure: 'count(args.ret < 0)', title: 'ERRORS'}, 'count(args.ret == 0)']},
  ],
  [['-e', 'fentry:vfs_*|kprobe:vfs_*'], {name: 'vfs', attach: {firstOf: ['fentry:vfs_*', 'kprobe:vfs_*']}, measure: 'count'}],
  [
    ['--from', 'rawtracepoint:sched_wakeup', '--to', 'rawtracepoint:sched_switch', '--match', 'args.p.pid', '--match', 'args.next.pid'],
    {
      name: 'sched_wakeup',
      span: {from: 'rawtracepoint:sched_wakeup', to: 'rawtracepoint:sched_switch', match: {from: 'args.p.pid', to: 'args.next.pid'}},
      measure: 'hist(duration)',
    },
  ],
  [
    ['--from', 'syscall:dup', '--to', 'syscall:close', '--match', 'pid'],
    {name: 'dup', span: {from: 'syscall:dup', to: 'syscall:close', match: 'pid'}, measure: 'hist(duration)'},
  ],
  [
    [
      '-e',
      'tracepoint:syscalls:sys_exit_openat',
      '--by',
      'comm',
      '--by',
      'RESULT=args.ret:errno',
      '--where',
      'args.ret < 0',
      '--where',
      "comm != 'a:b=c,d'",
    ],
    {
      name: 'sys_exit_openat',
      attach: 'tracepoint:syscalls:sys_exit_openat',
      where: ['args.ret < 0', "comm != 'a:b=c,d'"],
      by: ['comm', {field: 'args.ret', title: 'RESULT', format: 'errno'}],
      measure: 'count',
    },
  ],
  [
    [
      '-e',
      'uprobe:libc:malloc',
      '--by',
      'str(arg0, 31),comm',
      '--measure',
      'count,sum(arg0),lhist(arg0, 0, 100, 10)',
      '--unit',
      'bytes',
      '--max-keys',
      '64',
      '--save',
      'mem',
    ],
    {
      name: 'mem',
      attach: 'uprobe:libc:malloc',
      by: ['str(arg0, 31)', 'comm'],
      measure: ['count', 'sum(arg0)', 'lhist(arg0, 0, 100, 10)'],
      unit: 'bytes',
      maxKeys: 64,
    },
  ],
];
for (const [line, json] of right)
  test(`${line.join(' ')} becomes a preset`, () => {
    const preset = made(line);
    assert.deepEqual(JSON.parse(preset?.json ?? ''), json);
  });

test('without such flags there is no such view', () => {
  assert.equal(made(['openat', '-b', '--sort', '-total']), undefined);
});

const wrong: readonly (readonly [line: readonly string[], faults: readonly RegExp[]])[] = [
  [['openat', '-e', 'syscall:read'], [/^'openat' and -e: a view made here stands alone/]],
  [['--by', 'comm'], [/^--by belongs to a view made here: it wants -e PROBE, --span PROBE or --from PROBE --to PROBE$/]],
  [['--save', 'x', '--where', 'pid == 1'], [/^--where and --save belong to a view made here/]],
  [['-e', 'syscall:read', '--span', 'syscall:read'], [/^-e and --span: a view has one of them$/]],
  [['--from', 'syscall:read'], [/^--from wants a --to PROBE$/]],
  [['-e', 'syscall:read', '--to', 'syscall:read'], [/^--to wants a --from PROBE$/]],
  [['-e', 'syscall:read', '--match', 'tid'], [/^--match pairs --from with --to, or -e with --until, which are not given$/]],
  [['-e', 'syscall:read', '--by', 'args.x:octal'], [/^--by 'args\.x:octal': expected one of dec, hex.*found "octal"$/]],
  [['-e', 'syscall:read', '--by', 'comm,'], [/^--by '': /]],
  [['-e', 'syscall:read', '--unit', 'miles'], [/^--unit 'miles': expected one of ns, us/]],
  [['-e', 'syscall:read', '--save', 'My View'], [/^--save 'My View': expected lower case letters/]],
  [['-e', 'syscall:read', '--by', 'a,b,c,d,e'], [/^--by: expected at most 4 entries/]],
  [['-e', 'x'], [/^-e 'x': /]],
  [
    ['-e', 'syscall:read', '--by', 'str(', '--where', 'comm', '--measure', 'median(x)'],
    [/--where 'comm': expected a comparison/, /--by 'str\(': expected/, /--measure 'median\(x\)': unknown measure/],
  ],
];
for (const [line, faults] of wrong)
  test(`${line.join(' ')} is refused in the words of its flags`, () => {
    assert.throws(
      () => made(line),
      (error: unknown) => {
        assert.ok(error instanceof UserError);
        assert.equal(error.status, 2);
        const said = faults.length === 1 ? error.message : error.hint;
        for (const fault of faults) assert.match(said, fault);
        if (faults.length > 1) assert.equal(said.split('\n').length, faults.length, said);
        return true;
      },
    );
  });

test('a view is called after what it counts', () => {
  const names = [
    'syscall:*',
    'kprobe:vfs_*',
    'uprobe:libc:*',
    'uprobe:/usr/bin/x:std::sort',
    'profile:hz:99',
    'software:page-faults:1',
    'tracepoint:*:*',
    'x',
    '',
    'syscall:Ünïcode',
    `syscall:${'a'.repeat(80)}`,
  ];
  assert.deepEqual(names.map(nameOf), [
    'syscall',
    'vfs',
    'libc',
    'sort',
    'profile',
    'page-faults',
    'view',
    'view',
    'view',
    'n-code',
    'a'.repeat(48),
  ]);
});

test('a list is split at the commas that are its own', () => {
  assert.deepEqual(splitList("comm, str(arg0, 31),'a,b',x[1]"), ['comm', 'str(arg0, 31)', "'a,b'", 'x[1]']);
});

test("a preset's members are told by their flags", () => {
  assert.equal(inFlagWords('a narrower wildcard, or "maxProbes": N'), 'a narrower wildcard, or --max-probes N');
  assert.equal(inFlagWords('to take the risk: "allowGoUretprobe": true'), 'to take the risk: --allow-go-uretprobe');
  assert.equal(inFlagWords('use "span" in place of "attach"'), 'use --span in place of -e');
  assert.equal(inFlagWords('a "word"'), 'a "word"');
});
