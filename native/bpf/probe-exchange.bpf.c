// SPDX-License-Identifier: GPL-2.0
/* The program of probe.bpf.c with maxima that no other run can undo. An object of its own: kernels before 5.12 refuse the
 * instruction even where it is never reached ("BPF_STX uses reserved fields"). */
#define EXCHANGE
#include "probe.bpf.c"
