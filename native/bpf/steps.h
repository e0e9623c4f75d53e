/* SPDX-License-Identifier: GPL-2.0 */
/* Integers of an event: read from a source, through pointers, cut, tested, put into the key. */
#ifndef TSBPFTOP_STEPS_H
#define TSBPFTOP_STEPS_H

#include "context.h"
#include "event.h"

static __always_inline __u64 read_source(void *context, const volatile struct step *step, __u64 *scratch, struct event *event,
					 const __u64 *start)
{
	enum source source = step->source;
	__u32 index = step->index;
	__u64 a = 0, b = 0;

	if (source == SOURCE_CONTEXT64)
		return context64(context, index);
	if (source == SOURCE_CONTEXT32 || source == SOURCE_CONTEXT_DATA_LOC) {
		a = context32(context, index);
		OPAQUE(a);
		return source == SOURCE_CONTEXT32 ? a : (__u64)(context + (a & 0xffff));
	}
	if (source == SOURCE_CONTEXT_BYTES) {
		*scratch = 0;
		bpf_probe_read_kernel(scratch, step->size, context + index);
		return *scratch;
	}
	if (source == SOURCE_CONTEXT_ADDRESS)
		return (__u64)(context + index);
	if (source == SOURCE_CONSTANT)
		return step->constant;
	if (source == SOURCE_PID)
		return bpf_get_current_pid_tgid() >> 32;
	if (source == SOURCE_TID)
		return (__u32)bpf_get_current_pid_tgid();
	if (source == SOURCE_UID)
		return (__u32)bpf_get_current_uid_gid();
	if (source == SOURCE_GID)
		return bpf_get_current_uid_gid() >> 32;
	if (source == SOURCE_CGROUP)
		return bpf_get_current_cgroup_id();
	if (source == SOURCE_CPU)
		return bpf_get_smp_processor_id();
	if (source == SOURCE_TASK)
		return bpf_get_current_task();
	if (source == SOURCE_COOKIE)
		return bpf_get_attach_cookie(context); /* 5.15; user space takes a constant before */
	if (source == SOURCE_SAVED)
		return start && index < SAVED_WORDS ? start[1 + index] : 0;
	if (source == SOURCE_DURATION)
		return start ? bpf_ktime_get_ns() - start[0] : 0;

	a = event->values[index];
	if (source == SOURCE_STEP)
		return a;
	b = event->values[step->second];
	if (source == SOURCE_COMBINE) {
		OPAQUE(a);
		return a << 32 | (__u32)b;
	}
	if (source == SOURCE_SUM) {
		OPAQUE(a);
		return a + b;
	}
	if (source == SOURCE_DIFFERENCE) {
		OPAQUE(a);
		return a - b;
	}
	if (source == SOURCE_LESS)
		return a < b;
	if (source == SOURCE_LESS_SIGNED)
		return (__s64)a < (__s64)b;
	if (source == SOURCE_LESS_SIGNED_FIRST)
		return (__s64)a < 0 || a < b;
	if (source == SOURCE_LESS_SIGNED_SECOND)
		return (__s64)b >= 0 && a < b;
	return 0;
}

static __always_inline __u64 follow(const volatile struct step *step, __u64 v, __u64 *scratch)
{
	__u32 hops = step->hops;
	__u32 user = step->hop_user, none = step->hop_none;
	long failed = 0;

#pragma unroll
	for (__u32 h = 0; h < HOPS; h++) {
		if (hops > h) {
			void *address = (void *)(v + step->hop[h]);
			__u32 size = 8;

			if (hops == h + 1)
				size = step->last_size;
			*scratch = 0;
			if (none) {
				OPAQUE(v);
				if (!v)
					continue;
			}
			if (user)
				failed |= bpf_probe_read_user(scratch, size, address);
			else
				failed |= bpf_probe_read_kernel(scratch, size, address);
			v = *scratch;
		}
	}
	if (failed)
		LOSE(fault);
	return v;
}

/* Reads one integer, tests it, puts it into the key. False: the event is not wanted. */
static __always_inline bool run_step(void *context, const volatile struct step *step, __u64 *value, struct event *event,
				     const __u64 *start)
{
	__u64 v = read_source(context, step, value, event, start);

	if (step->hops)
		v = follow(step, v, value);
	if (step->shift_left | step->shift_right) {
		OPAQUE(v);
		v <<= step->shift_left;
		if (step->shift_signed)
			v = (__s64)v >> step->shift_right;
		else
			v >>= step->shift_right;
	}
	*value = v;

	enum test test = step->test;
	if (test) {
		bool inside = (v & step->mask) - step->low <= step->span;

		if (step->outcome) {
			if (inside == (test == TEST_INSIDE))
				event->outcome |= step->outcome;
		} else if (inside != (test == TEST_INSIDE)) {
			return false;
		}
	}
	if (step->in_key)
		*(__u64 *)((void *)event->buffer + step->key_offset) = v;
	return true;
}

#endif
