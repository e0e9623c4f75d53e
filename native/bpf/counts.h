/* SPDX-License-Identifier: GPL-2.0 */
/* Counting an event under its key, and what it measures: the only writer of what user space shows. */
#ifndef TSBPFTOP_COUNTS_H
#define TSBPFTOP_COUNTS_H

#include "event.h"
#include "hot.h"

/* key -> count and measures. Written here, read by user space, which sets type and sizes. Preallocated, so that an
 * insert can fail only because the map is full, and that is counted. Of events that are kept, kept.h says what is in it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(key_size, 8);
	__uint(value_size, 8);
} counts SEC(".maps");

/* floor(log2(v)), and 0 for 0 */
static __always_inline __u64 log2_floor(__u64 v)
{
	__u64 result, shift;

	result = (v > 0xffffffff) << 5; v >>= result;
	shift = (v > 0xffff) << 4; v >>= shift; result |= shift;
	shift = (v > 0xff) << 3; v >>= shift; result |= shift;
	shift = (v > 0xf) << 2; v >>= shift; result |= shift;
	shift = (v > 0x3) << 1; v >>= shift; result |= shift;
	return result | v >> 1;
}

#define EXCHANGES 64

/* Makes *word v where that is more. The word is of this CPU alone, since user space gives extremes a per-CPU map; but another run
 * may come between reading and writing it: that of an interrupt, and on uprobes, since 6.0, that of any thread. So it is
 * exchanged only as it was read, and each time that this fails another run has raised it just then. Before 5.12 there is no
 * such instruction, and one is refused wherever it stands: hence an object of its own, see probe-exchange.bpf.c. */
static __always_inline void raise(__u64 *word, __u64 v)
{
	__u64 was = *(volatile __u64 *)word;

#ifdef EXCHANGE
	for (int i = 0; i < EXCHANGES && v > was; i++) {
		__u64 found = __sync_val_compare_and_swap(word, was, v);

		if (found == was)
			return;
		was = found;
	}
#else
	if (v > was)
		*word = v;
#endif
}

/* Additions are atomic in per-CPU maps too: an interrupt has events of its own, and programs on uprobes are preempted. */
static __always_inline void run_measure(int i, __u64 *value, struct event *event)
{
	enum operation operation = config.measures[i].operation;
	__u64 *word = value + config.measures[i].word;
	__u64 v = event->values[config.measures[i].step];

	if (!passes(config.measures[i].passes, event))
		return;
	if (operation == OPERATION_SUM) {
		__u64 wide = (config.measures[i].bias && (__s64)v < 0 ? ~v : v) >> 32;

		if (wide)
			NOTE_SO_MUCH(wide, wide);
		__sync_fetch_and_add(word, v);
		return;
	}
	if (operation == OPERATION_LOG2) {
		__u64 slot = v ? log2_floor(v) + 2 : 1;

		if (config.measures[i].bias && (__s64)v < 0)
			slot = 0;
		if (slot < config.measures[i].slots)
			__sync_fetch_and_add(word + slot, 1);
		return;
	}

	v ^= config.measures[i].bias;
	if (operation == OPERATION_LINEAR) {
		__u64 low = config.measures[i].low, slots = config.measures[i].slots;
		__u64 slot = v < low ? 0 : (v - low) / config.measures[i].width + 1;

		if (slot >= slots)
			slot = slots - 1;
		__sync_fetch_and_add(word + slot, 1);
		return;
	}
	raise(word, operation == OPERATION_MIN ? ~v : v);
}

/* The value of the event's key in the map; 0: the map is full, or an event that interrupts the insertion of another key, as a
 * hardware event's can, wants the same part of it. */
static __always_inline __u64 *value_of(struct event *event)
{
	__u64 *value = bpf_map_lookup_elem(&counts, event->buffer);

	if (value)
		return value;
	/* an int: before 6.4 a map's functions return one, whose sign the upper half of the register has not */
	int error = bpf_map_update_elem(&counts, event->buffer, (const void *)zeros, BPF_NOEXIST);

	if (!error || error == -EEXIST) /* another CPU may have been first; a full map is not asked twice */
		value = bpf_map_lookup_elem(&counts, event->buffer);
	if (!value) {
		if (error == -EBUSY)
			LOSE(busy);
		else
			LOSE(map_full);
	}
	return value;
}

static __always_inline void count(struct event *event)
{
	__u32 measures = config.measure_count;
	struct hot *slot = 0;
	__u64 *value = 0;

	if (config.hot_bytes) {
		slot = hot_slot(event);
		if (slot && holds(slot, event))
			value = (__u64 *)(slot + 1);
	}
	if (!value) {
		value = value_of(event);
		if (!value)
			return;
		if (slot && value[0] >= config.hot_count)
			claim(slot, event);
	}
	__sync_fetch_and_add(value, 1);
#pragma unroll
	for (__u32 i = 0; i < MEASURES; i++)
		if (measures > i)
			run_measure(i, value, event);
}

#endif
