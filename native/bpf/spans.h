/* SPDX-License-Identifier: GPL-2.0 */
/* Spans: what is remembered from a start to its end, and which end without a start is a loss. */
#ifndef TSBPFTOP_SPANS_H
#define TSBPFTOP_SPANS_H

#include "event.h"

/* match value -> { time of the start in ns, or 0 when it has ended; saved words }. Only used here. Entries are used
 * again and never deleted, a third cheaper than insert and delete; being LRU, dead threads make room by themselves. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__uint(key_size, 8);
	__uint(value_size, 8);
} starts SEC(".maps");

/* One element: when all probes were attached, in ns, and 0 before. Written by user space, read here. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} armed SEC(".maps");

/* A start that is still open when its thread begins again. The ends are attached after the starts: what returned in between
 * was not seen, and is no loss. */
static __always_inline void count_unreturned(__u64 began)
{
	__u32 only = 0;
	__u64 *since = bpf_map_lookup_elem(&armed, &only);

	if (since && *since && began >= *since)
		LOSE(unreturned);
}

static __always_inline void remember(struct event *event)
{
	__u64 now = bpf_ktime_get_ns();
	__u64 *match = &event->values[config.match];
	__u64 *start = bpf_map_lookup_elem(&starts, match);

	if (start) {
		__u32 words = config.saved_words;

		if (config.count_unreturned && start[0])
			count_unreturned(start[0]);
#pragma unroll
		for (__u32 w = 1; w <= SAVED_WORDS; w++)
			if (words >= w)
				start[w] = event->buffer[w];
		start[0] = now;
		return;
	}
	event->buffer[0] = now;
	if (bpf_map_update_elem(&starts, match, event->buffer, BPF_ANY))
		LOSE(unstarted);
	else
		NOTE(started);
}

/* An end that no start was ever seen for: the span began before the probes were there, unless its start was pushed out. That it
 * began before can be so once for each match value, hence the entry; where it might push another one out, nothing is known. */
static __always_inline void began_earlier(struct event *event)
{
	__u32 only = 0;
	struct losses *lost = bpf_map_lookup_elem(&losses, &only);

	if (!lost)
		return;
	if (lost->started >= config.sure_starts ||
	    bpf_map_update_elem(&starts, &event->values[config.match], (const void *)zeros, BPF_NOEXIST)) {
		__sync_fetch_and_add(&lost->unmatched, 1);
		return;
	}
	__sync_fetch_and_add(&lost->earlier, 1);
	__sync_fetch_and_add(&lost->started, 1);
}

/* Whether this is how a new thread returns from the call that made it, which another one has made and ends. It is no end: not of a call
 * that began earlier, nor of the one in which the thread ended that had its number before, and which never returns. */
static __always_inline bool is_birth(void *context)
{
	__u64 result, number = 0, mode = 0, registers = 0;

	if (config.returns == RETURNS_RECORD) {
		asm volatile("%0 = *(u64 *)(%1 + 16)" : "=r"(result) : "r"(context));
		if (result)
			return false;
		asm volatile("%0 = *(u64 *)(%1 + 8)" : "=r"(number) : "r"(context));
	} else {
		asm volatile("%0 = *(u64 *)(%1 + 8)" : "=r"(result) : "r"(context));
		if (result)
			return false;
		asm volatile("%0 = *(u64 *)(%1 + 0)" : "=r"(registers) : "r"(context));
		bpf_probe_read_kernel(&number, sizeof number, (void *)(registers + config.number_offset));
	}
#pragma unroll
	for (int i = 0; i < MAKERS; i++)
		if ((__u32)number == config.makers[i]) {
			if (config.returns == RETURNS_RECORD)
				return true;
			bpf_probe_read_kernel(&mode, sizeof mode, (void *)(registers + config.mode_offset));
			return (mode & MODE_BIT) == config.mode;
		}
	return false;
}

static __always_inline void close_start(struct event *event)
{
	__u64 *start = bpf_map_lookup_elem(&starts, &event->values[config.match]);

	if (start)
		start[0] = 0;
}

#endif
