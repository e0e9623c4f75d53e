// SPDX-License-Identifier: GPL-2.0
/* The one program behind every JSON preset. What it does is fixed at load time by `config`, which the verifier knows
 * to be constant: it follows only the branches a preset takes, and removes the rest, so that what runs is straight-line
 * code of that preset alone. User space loads it once for each distinct configuration, under the program type of the
 * probe, with the maps shared.
 *
 * Nothing here is relocated against kernel types: offsets come ready in the configuration. So the object loads in a few
 * ms, also where the kernel has no BTF. Kernels are named where they force a shape on the code. */
#include "counts.h"
#include "event.h"
#include "kept.h"
#include "ring.h"
#include "spans.h"
#include "steps.h"
#include "texts.h"

char LICENSE[] SEC("license") = "GPL";

static __always_inline void observe(void *context)
{
	struct event event;
	__u64 *start = 0;
	/* read once: each comparison of a register that is known costs nothing at run time, each read of `config` does */
	__u32 early = config.early_count, late = config.late_count, strings = config.string_count;

	if (config.returns && is_birth(context))
		return;
	event.outcome = 0;
#pragma unroll
	for (__u32 i = 0; i < EARLY_STEPS; i++)
		if (early > i && !run_step(context, &config.early[i], &event.values[i], &event, 0)) {
			if (config.close_filtered && i > config.match)
				close_start(&event);
			return;
		}
	if (config.comm && !read_comm(&event)) {
		if (config.close_filtered)
			close_start(&event);
		return;
	}
	if (config.role == ROLE_END) {
		start = bpf_map_lookup_elem(&starts, &event.values[config.match]);
		if (!start || !start[0]) {
			if (config.count_unmatched) {
				if (start)
					LOSE(unmatched);
				else
					began_earlier(&event);
			}
			return;
		}
		__u32 words = config.restored_words;
		__u64 *to = (void *)event.buffer + config.restored_offset;

#pragma unroll
		for (__u32 w = 0; w < SAVED_WORDS; w++)
			if (words > w)
				to[w] = start[1 + w];
	}
#pragma unroll
	for (__u32 i = 0; i < LATE_STEPS; i++)
		if (late > i && !run_step(context, &config.late[i], &event.values[EARLY_STEPS + i], &event, start))
			goto out;
#pragma unroll
	for (__u32 i = 0; i < STRINGS; i++)
		if (strings > i && !read_string(context, i, &event))
			goto out;

	if (!passes(config.passes, &event))
		goto out;
	if (config.role == ROLE_START) {
		remember(&event);
		return;
	}
	if (config.role == ROLE_FORGET) {
		forget(&event);
		return;
	}
	if (config.send)
		send(&event);
	else if (config.keep)
		keep(&event);
	else
		count(&event);
out:
	if (start)
		start[0] = 0;
}

SEC("event") /* no section of libbpf's: user space sets the type, and what can run of it (live-loading.cc) */
int probe(void *context)
{
	observe(context);
	return config.result;
}
