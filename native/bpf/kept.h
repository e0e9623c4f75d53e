/* SPDX-License-Identifier: GPL-2.0 */
/* Events that last: each is kept by itself, with its key and its time, until another says that it is over. */
#ifndef TSBPFTOP_KEPT_H
#define TSBPFTOP_KEPT_H

#include "counts.h"

/* What it adds to its row: user space adds these up, or takes the greatest, as run_measure does in a row's value. */
static __always_inline __u64 share_of(int i, const struct event *event)
{
	enum operation operation = config.measures[i].operation;
	__u64 v = event->values[config.measures[i].step];

	if (!passes(config.measures[i].passes, event))
		return 0;
	if (operation == OPERATION_SUM)
		return v;
	v ^= config.measures[i].bias;
	return operation == OPERATION_MIN ? ~v : v;
}

/* The map is `counts`, with another key and value: match value -> { key; time of the event in ns; what it measured }. The time and
 * what is measured are written behind the key, where texts were that are compared already. An entry is replaced as a whole and never
 * written in place, so that user space reads no half of one. One that is there already was not seen to end. */
static __always_inline void keep(struct event *event)
{
	__u64 *match = &event->values[config.keep_match];
	__u64 *behind = (void *)event->buffer + config.key_words * 8;
	__u32 measures = config.measure_count;
	int error;                 /* before 6.4 a map's functions return an int, whose sign the upper half of the register has not */

	behind[0] = bpf_ktime_get_ns();
#pragma unroll
	for (__u32 i = 0; i < MEASURES; i++)
		if (measures > i)
			behind[1 + i] = share_of(i, event);
	error = bpf_map_update_elem(&counts, match, event->buffer, BPF_NOEXIST);
	if (error == -EEXIST) {
		LOSE(unreturned);
		error = bpf_map_update_elem(&counts, match, event->buffer, BPF_ANY);
	}
	if (error == -EBUSY)
		LOSE(busy);
	else if (error)
		LOSE(map_full);
}

/* Most ends are of what was not wanted, or began before: no entry is no loss. */
static __always_inline void forget(struct event *event)
{
	if ((int)bpf_map_delete_elem(&counts, &event->values[config.match]) == -EBUSY)
		LOSE(busy);
}

#endif
