/* SPDX-License-Identifier: GPL-2.0 */
/* What every part of the bundled program stands on: its configuration, the scratch of one event, and how a loss is counted. */
#ifndef TSBPFTOP_EVENT_H
#define TSBPFTOP_EVENT_H

#include <linux/bpf.h>
#include <linux/errno.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include "probe.h"

const volatile struct config config = {};

/* Value of a new key. Updating from here spares a zeroed value on the stack. */
const volatile __u64 zeros[VALUE_WORDS] = {};

/* One element. Written here, each CPU its own, read by user space. Atomically, since an interrupt may come in between. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct losses);
} losses SEC(".maps");

/* Scratch of one event, on the stack. `buffer` holds the key, then texts that are only compared; at a span's start, the
 * words to save from byte 8 on. */
struct event {
	__u64 values[EARLY_STEPS + LATE_STEPS];
	__u64 buffer[KEY_BYTES / 8];
	__u64 outcome;             /* bits of the tests that passed, of those that only note it */
};

/* Whether what the tests noted is among these. */
static __always_inline bool passes(__u64 these, const struct event *event)
{
	return !these || these >> (event->outcome & ((1 << OUTCOMES) - 1)) & 1;
}

/* Keeps clang from turning a branch on a constant into arithmetic that always runs: shifting a pointer by 0 is
 * refused ("pointer arithmetic with <<= operator prohibited", all kernels). */
#define OPAQUE(v) asm volatile("" : "+r"(v))

#define LOSE_SO_MUCH(loss, much)                                             \
	({                                                                   \
		__u32 only = 0;                                              \
		struct losses *lost = bpf_map_lookup_elem(&losses, &only);   \
		if (lost)                                                    \
			__sync_fetch_and_add(&lost->loss, much);             \
	})
#define LOSE(loss) LOSE_SO_MUCH(loss, 1)
#define NOTE(what) LOSE(what)
#define NOTE_SO_MUCH(what, much) LOSE_SO_MUCH(what, much)

#endif
