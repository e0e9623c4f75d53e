import assert from 'node:assert/strict';
import test from 'node:test';
import {decisiveLine, toBpfError} from '../../src/commands/live/native-errors.ts';
import type {NativeError} from '../../src/native/contract.ts';

const refused = `0: R1=ctx(off=0,imm=0) R10=fp0
; int probe(void *context)
0: (bf) r6 = r1
1: (85) call bpf_get_attach_cookie#174
R1 type=ctx expected=fp, pkt, pkt_meta
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;
const unknownHelper = `0: (bf) r6 = r1
invalid func unknown#174
verification time 61 usec
stack depth 0
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;

test('of a verifier’s log the line that decides is told', () => {
  assert.equal(decisiveLine(refused), 'R1 type=ctx expected=fp, pkt, pkt_meta');
  assert.equal(decisiveLine(unknownHelper), 'invalid func unknown#174');
  assert.equal(decisiveLine('libbpf: failed to load object\n'), undefined);
});

const native = (fields: Partial<NativeError>): NativeError =>
  Object.assign(new Error('cannot'), {operation: 'load program', target: 'probe', code: 'EACCES', log: refused, ...fields} as const);

test('a refusal names the view, the line, and where the whole log is', () => {
  const error = toBpfError(native({code: 'EINVAL'}), 'mine');
  assert.equal(
    error.message,
    "cannot load the program of view 'mine': the kernel's verifier refused it: R1 type=ctx expected=fp, pkt, pkt_meta",
  );
  assert.match(error.hint, /check -v FILE shows the verifier's whole log \(\d+ lines\)/);
  assert.equal(error.log, refused);
});

test('a probe that is not there is said so', () => {
  assert.match(
    toBpfError(native({operation: 'attach', target: 'rawtracepoint:nope', code: 'ENOENT', log: ''}), 'mine').message,
    /cannot attach 'rawtracepoint:nope': the kernel, or this machine, has no such probe/,
  );
});

test('what a seccomp filter may have forbidden is told with how to do without one', () => {
  const error = toBpfError(native({code: 'EPERM', log: ''}), 'mine', true);
  // without the capabilities it is these that are told
  if (/missing/.test(error.message)) return;
  assert.match(error.message, /cannot load program 'probe': it is forbidden, perhaps by the seccomp filter/);
  assert.match(error.hint, /seccomp=unconfined.*seccompProfile/);
  assert.match(toBpfError(native({code: 'EPERM', log: ''}), 'mine', false).message, /this kernel does not allow programs of this kind/);
});

test('what libbpf could not try for want of a descriptor is no fault of the program', () => {
  const log = "0: (18) r1 = <invalid BPF map reference>\nBPF map 'probe.rodata' is referenced but wasn't created\nprocessed 4 insns\n";
  for (const error of [native({code: 'EINVAL', log}), native({code: 'EMFILE', log: ''})])
    assert.match(`${toBpfError(error, 'mine').message} ${toBpfError(error, 'mine').hint}`, /'mine': too many files are open.*ulimit -n/);
});
