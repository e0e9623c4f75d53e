/* SPDX-License-Identifier: GPL-2.0 */
/* Single events, sent to user space in place of being counted. */
#ifndef TSBPFTOP_RING_H
#define TSBPFTOP_RING_H

#include "event.h"

/* Not used: what it is says the BTF, by which user space reads the events that are sent. */
const volatile struct sent sent_layout = {};

/* Events one by one, as struct sent and the key. Written here, read by user space, which sets the size: it is also the
 * limit of the rate, since what finds no room is only counted. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

static __always_inline void send(struct event *event)
{
	__u32 words = config.key_words;
	struct sent *sent;
	__u64 *key;

#pragma unroll
	for (__u32 w = 0; w < KEY_BYTES / 8; w++)
		if (config.wanted_words & 1u << w && event->buffer[w] != config.wanted[w])
			return;
	sent = bpf_ringbuf_reserve(&events, sizeof *sent + words * 8, 0);
	if (!sent) {
		LOSE(unsent);
		return;
	}
	sent->time = bpf_ktime_get_ns();
	sent->task = bpf_get_current_pid_tgid();
	*(__u64 *)sent->comm = *(__u64 *)(sent->comm + 8) = 0;
	bpf_get_current_comm(sent->comm, sizeof sent->comm);
#pragma unroll
	for (__u32 i = 0; i < MEASURES; i++) {
		sent->values[i] = 0;
		if (config.measures[i].operation && passes(config.measures[i].passes, event))
			sent->values[i] = event->values[config.measures[i].step];
	}
	key = (void *)(sent + 1);
#pragma unroll
	for (__u32 w = 0; w < KEY_BYTES / 8; w++)
		if (words > w)
			key[w] = event->buffer[w];
	bpf_ringbuf_submit(sent, BPF_RB_NO_WAKEUP);
}

#endif
