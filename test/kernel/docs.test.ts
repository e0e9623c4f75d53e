// docs/presets.md on this kernel: every example is loaded and attached, or refused because this machine lacks its probe.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {copyFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {docExamples} from '../support/doc-examples.ts';
import {noPrivilege, root, tsbpftop} from '../support/program.ts';
import {Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
/** What a machine may lack: the probe type, or what is needed to make the example's own files. */
const lacking =
  /(kprobe|fentry) cannot work here|does not allow programs of this kind|no kernel function|no file '|no enum '|no clang|cannot attach 'hardware|hardware event|not supported by this (kernel|machine)/i;

test('every example of the reference is attached, or this machine lacks what it names', {skip}, async () => {
  const workloads = new Workloads();
  const folder = workloads.folder;
  const [myprog, main, server] = [workloads.c('calls'), workloads.go('adder'), workloads.cpp('cppstacks')];
  const source = path.join(root, 'test/fixtures/objects/slow-opens.bpf.c');
  copyFileSync(source, path.join(folder, 'slow-opens.bpf.c'));
  const clang = (): boolean => {
    try {
      execFileSync(
        'clang',
        ['-O2', '-g', '-target', 'bpf', '-I/usr/include/x86_64-linux-gnu', '-c', source, '-o', path.join(folder, 'slow-opens.bpf.o')],
        {
          stdio: 'pipe',
        },
      );
      return true;
    } catch {
      return false;
    }
  };
  const hasClang = clang();
  const files = docExamples().map(({name, text}) => {
    const file = path.join(folder, `${name}.json`);
    writeFileSync(
      file,
      text
        .replaceAll('./myprog', myprog)
        .replaceAll('./main', main ?? './main')
        .replaceAll('./server', server),
      {mode: 0o600},
    );
    return file;
  });
  const {stdout} = await tsbpftop(['check', '--json', ...files]);
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as {file: string; ok: boolean; messages: readonly string[]});
  assert.equal(results.length, files.length);
  const wrong = results.filter(({ok, messages}) => !ok && !lacking.test(messages.join('\n')));
  const own = hasClang ? [] : wrong.filter(({file}) => path.basename(file).startsWith('slow-opens'));
  assert.deepEqual(
    wrong.filter((each) => !own.includes(each)).map(({messages}) => messages.join('\n')),
    [],
  );
});
