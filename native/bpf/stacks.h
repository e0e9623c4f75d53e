/* SPDX-License-Identifier: GPL-2.0 */
/* Stacks: where their addresses are kept, and the number by which a key names one. */
#ifndef TSBPFTOP_STACKS_H
#define TSBPFTOP_STACKS_H

#include "event.h"

/* number -> addresses, leaf first, zero behind the last. Written here, read by user space, which sets the sizes. A stack
 * keeps its number as long as the map lives, since nothing is deleted from it or overwritten. The kernel has one place for
 * all stacks of one hash: of 2000 stacks in 16384 places some 120 find theirs taken. Those go on to the next map. The maps take
 * the lower bits of one hash, so that a fourth stack of the same bits is lost. */
struct stack_map {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 8);
};
struct stack_map stacks SEC(".maps"), stacks_2 SEC(".maps"), stacks_3 SEC(".maps");

/* The number of the current stack: its place, and which map. Another stack with the same hash keeps its place (no
 * BPF_F_REUSE_STACKID), so that no number ever means two stacks: the later one goes to the next map. One that finds all three
 * taken is lost, and counted as that. */
static __always_inline __u64 stack_number(void *context, __u64 flags)
{
	long number = bpf_get_stackid(context, &stacks, flags);

	if (number >= 0)
		return number;
	if (number == -EFAULT)
		return STACK_NONE;
	number = bpf_get_stackid(context, &stacks_2, flags);
	if (number >= 0)
		return number | 1 << STACK_MAP_SHIFT;
	number = bpf_get_stackid(context, &stacks_3, flags);
	if (number >= 0)
		return number | 2 << STACK_MAP_SHIFT;
	LOSE(stack);
	return STACK_LOST;
}

#endif
