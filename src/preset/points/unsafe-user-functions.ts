// THE table of functions of programs and libraries that are not probed, with the reasons. A return is seen by putting another
// return address in the place of the caller's, which only an ordinary call followed by an ordinary return survives. Pure.
import {elfMachines} from '../machine.ts';
import {anyOf} from './point.ts';

interface Unsafe {
  readonly patterns: readonly string[];
  readonly reason: string;
}

/** At a return, or in a span of calls. */
const atReturn: readonly Unsafe[] = [
  {
    patterns: ['setjmp', '_setjmp', '__setjmp', 'sigsetjmp', '__sigsetjmp', '__sigsetjmp_cancel', 'savectx', 'getcontext', '__getcontext'],
    reason: 'it returns twice, and the second time the return address is gone',
  },
  {
    patterns: ['vfork', '__vfork', '__libc_vfork', 'clone', '__clone', 'clone3', '__clone3', '__clone_internal*', '__clone3_internal*'],
    reason: 'its child runs on with a return address that is not its own',
  },
  {
    patterns: [
      'longjmp',
      '_longjmp',
      'siglongjmp',
      '*__longjmp*',
      '__libc_*longjmp',
      'swapcontext',
      '__swapcontext',
      'setcontext',
      '__setcontext',
      '__start_context',
      'jump_fcontext',
      'ontop_fcontext',
      'co_switch',
      'co_swap*',
      'coro_transfer',
      '_coro_*',
    ],
    reason: 'it goes on at another place, on another stack, and does not return',
  },
  {
    patterns: ['sigreturn', '__sigreturn', 'rt_sigreturn', '__restore_rt', '__restore', '__kernel_rt_sigreturn', '__default_*_restorer'],
    reason: 'it returns to where a signal came, not to a caller',
  },
  {
    patterns: [
      '_start',
      '_dl_start',
      '_dl_start_user',
      '_dl_runtime_resolve*',
      '_dl_runtime_profile*',
      '_dl_tlsdesc_*',
      '_dl_mcount*',
      '__fentry__',
      'mcount',
      '_mcount',
    ],
    reason: 'it is not called as other functions are: no return address is where one is looked for',
  },
  {
    patterns: [
      '_Unwind_*',
      '__cxa_throw*',
      '__cxa_rethrow*',
      '__gxx_personality*',
      'rust_eh_personality',
      'backtrace',
      '__backtrace',
      'rust_panic*',
      '__rust_start_panic',
    ],
    reason: 'it walks the stack, and stops at a return address that a probe has changed: the program ends',
  },
  {
    patterns: [
      'exit',
      '_exit',
      '_Exit',
      '__GI_exit',
      '__GI__exit',
      'quick_exit',
      'abort',
      '__GI_abort',
      'pthread_exit',
      '__pthread_exit',
      'thrd_exit',
      'exit_group',
      '__assert_fail*',
      '__stack_chk_fail*',
      '__fortify_fail*',
      '__chk_fail',
      '__libc_start_main*',
      '__libc_start_call_main',
      'start_thread',
    ],
    reason: 'it never returns',
  },
];

const compiled = atReturn.map(({patterns, reason}) => ({reason, matches: anyOf(patterns)}));

/** Why a return of the function is not probed; undefined: nothing speaks against it. */
export const whyNoReturn = (name: string): string | undefined => compiled.find((each) => each.matches(name))?.reason;

/** Why no probe is put on the function's first instruction, by its first byte. */
export function whyNoEntry(firstByte: number, machine: number): string | undefined {
  // measured: `vpbroadcastb %esi,%ymm16` under a uprobe leaves 0 in the register, and strchr finds what is not there
  if (machine === elfMachines.x64 && firstByte === 0x62)
    return 'it begins with an AVX-512 instruction, which Linux executes wrongly under a probe';
  return undefined;
}
