/* SPDX-License-Identifier: GPL-2.0 */
/* Keys that come often: counters of each CPU's own in front of the map `counts`, found without its hash and its helper.
 *
 * A slot is given to a key for good, and nothing is moved between slot and map: what happened to a key is counted in one of
 * the two, both only grow, and their sum is the key's number whenever user space reads them. */
#ifndef TSBPFTOP_HOT_H
#define TSBPFTOP_HOT_H

#include "event.h"

/* Each element is a part of a CPU's slots, as struct hot, its value and its key: the kernel has a limit of 32 kB for one. Written
 * here, each CPU its own, read by user space, which sets the size. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 8);
} hot SEC(".maps");

/* Distinct odd factors, one a word, so that the same words at other places are another number. Below 2^31: a larger one is
 * two instructions. */
#define FACTOR(w) ((0x9e3779b1u * (2 * (w) + 1) & 0x7fffffff) | 1)

/* The slot in which the key is, if it is in one. */
static __always_inline struct hot *hot_slot(struct event *event)
{
	__u32 part, words = config.key_words;
	__u64 mixed = 0;
	void *slots;

#pragma unroll
	for (__u32 w = 0; w < KEY_BYTES / 8; w++)
		if (words > w) {
			mixed += event->buffer[w] * FACTOR(w);
			/* word by word: clang 19 would have all of them at once, which the stack has no room for */
			asm volatile("" : "+r"(mixed));
		}
	mixed = (mixed ^ mixed >> 32) * FACTOR(0);
	part = mixed >> 40 & config.hot_parts;
	slots = bpf_map_lookup_elem(&hot, &part);
	if (!slots)
		return 0;
	return slots + (mixed >> 16 & config.hot_mask) * config.hot_bytes;
}

static __always_inline bool holds(const struct hot *slot, const struct event *event)
{
	const __u64 *key = (void *)slot + config.hot_key;
	__u64 difference = slot->ready ^ 1;
	__u32 words = config.key_words;

#pragma unroll
	for (__u32 w = 0; w < KEY_BYTES / 8; w++)
		if (words > w)
			difference |= key[w] ^ event->buffer[w];
	return !difference;
}

/* Gives a free slot to the key. Another run may be in between, since an interrupt has events too, and on uprobes programs are
 * preempted: of all that find the slot free, at most one sees its own claim alone. 5.10 has no atomic exchange, and no
 * addition that tells the sum. */
static __always_inline void claim(struct hot *slot, const struct event *event)
{
	__u64 *key = (void *)slot + config.hot_key;
	__u32 words = config.key_words;

	if (*(volatile __u64 *)&slot->claims)
		return;
	__sync_fetch_and_add(&slot->claims, 1);
	if (*(volatile __u64 *)&slot->claims != 1)
		return;
#pragma unroll
	for (__u32 w = 0; w < KEY_BYTES / 8; w++)
		if (words > w)
			key[w] = event->buffer[w];
	asm volatile("" : : : "memory"); /* the key is whole before anyone takes it for one */
	*(volatile __u64 *)&slot->ready = 1;
}

#endif
