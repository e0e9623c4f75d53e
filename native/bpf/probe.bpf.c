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
#include "spans.h"

char LICENSE[] SEC("license") = "GPL";

/* Not used: what it is says the BTF, by which user space reads the events that are sent. */
const volatile struct sent sent_layout = {};

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

/* Events one by one, as struct sent and the key. Written here, read by user space, which sets the size: it is also the
 * limit of the rate, since what finds no room is only counted. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

/* The context may be read at constant offsets only ("dereference of modified ctx ptr", all kernels), and clang merges
 * any two such loads into one at a variable offset unless each is an asm statement. The switch starts at 0, so that no
 * arithmetic on the index remains; loads that a program type does not allow are dead code. */
#define LOAD64(n) case n: asm volatile("%0 = *(u64 *)(%1 + 8 * " #n ")" : "=r"(v) : "r"(context)); break;
#define LOAD32(n) case n: asm volatile("%0 = *(u32 *)(%1 + 4 * " #n ")" : "=r"(v) : "r"(context)); break;
#define FOUR(LOAD, a, b, c, d) LOAD(a) LOAD(b) LOAD(c) LOAD(d)

static __always_inline __u64 context64(void *context, __u32 word)
{
	__u64 v = 0;

	switch (word) { /* 34: user_pt_regs of arm64, the longest */
	FOUR(LOAD64, 0, 1, 2, 3) FOUR(LOAD64, 4, 5, 6, 7) FOUR(LOAD64, 8, 9, 10, 11) FOUR(LOAD64, 12, 13, 14, 15)
	FOUR(LOAD64, 16, 17, 18, 19) FOUR(LOAD64, 20, 21, 22, 23) FOUR(LOAD64, 24, 25, 26, 27) FOUR(LOAD64, 28, 29, 30, 31)
	LOAD64(32) LOAD64(33)
	}
	return v;
}

static __always_inline __u64 context32(void *context, __u32 word)
{
	__u64 v = 0;

	switch (word) {
	FOUR(LOAD32, 0, 1, 2, 3) FOUR(LOAD32, 4, 5, 6, 7) FOUR(LOAD32, 8, 9, 10, 11) FOUR(LOAD32, 12, 13, 14, 15)
	FOUR(LOAD32, 16, 17, 18, 19) FOUR(LOAD32, 20, 21, 22, 23) FOUR(LOAD32, 24, 25, 26, 27) FOUR(LOAD32, 28, 29, 30, 31)
	}
	return v;
}

static __always_inline __u64 read_source(void *context, const volatile struct step *step, __u64 *scratch, struct event *event,
					 const __u64 *start)
{
	enum source source = step->source;
	__u32 index = step->index;
	__u64 a = 0, b = 0;

	if (source == SOURCE_CONTEXT64)
		return context64(context, index);
	if (source == SOURCE_CONTEXT32)
		return context32(context, index);
	if (source == SOURCE_CONTEXT_BYTES) {
		*scratch = 0;
		bpf_probe_read_kernel(scratch, step->size, context + index);
		return *scratch;
	}
	if (source == SOURCE_CONTEXT_ADDRESS)
		return (__u64)(context + index);
	if (source == SOURCE_CONTEXT_DATA_LOC)
		return (__u64)(context + (context32(context, index) & 0xffff));
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
	return 0;
}

static __always_inline __u64 follow(const volatile struct step *step, __u64 v, __u64 *scratch)
{
	__u32 hops = step->hops;
	__u32 user = step->hop_user;

#pragma unroll
	for (__u32 h = 0; h < HOPS; h++) {
		if (hops > h) {
			void *address = (void *)(v + (__s64)step->hop[h]);
			__u32 size = 8;
			long error;

			if (hops == h + 1)
				size = step->last_size;
			*scratch = 0;
			if (user)
				error = bpf_probe_read_user(scratch, size, address);
			else
				error = bpf_probe_read_kernel(scratch, size, address);
			if (error)
				LOSE(fault);
			v = *scratch;
		}
	}
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

		if (inside != (test == TEST_INSIDE))
			return false;
	}
	if (step->in_key)
		*(__u64 *)((void *)event->buffer + step->key_offset) = v;
	return true;
}

/* Compares text with a constant, word by word. A function of its own, since inlined for each pair of text and constant
 * it would spill more than the stack holds. */
static __noinline int text_passes(const __u64 *text, __u32 i)
{
	__u64 difference = 0;

	if (i >= COMPARES)
		return 0;
	for (__u32 w = 0; w < COMPARE_WORDS; w++) {
		if (w >= config.compares[i].words)
			break;
		difference |= (text[w] ^ config.compares[i].value[w]) & config.compares[i].mask[w];
	}
	return (difference == 0) == (config.compares[i].test == TEST_INSIDE);
}

static __always_inline bool compares_pass(const __u64 *text, __u32 which)
{
#pragma unroll
	for (__u32 i = 0; i < COMPARES; i++)
		if (which & 1 << i && !text_passes(text, i))
			return false;
	return true;
}

/* Its bytes up to the first NUL, which is at the lowest bit set in what is computed (Little-endian is the byte order of all
 * supported machines). */
static __always_inline __u64 up_to_nul(__u64 text, __u64 *nul)
{
	*nul = (text - 0x0101010101010101) & ~text & 0x8080808080808080;
	return text & (((*nul & -*nul) >> 7) - 1);
}

/* The name from the task itself takes a few ns, the helper (which also fills up behind the NUL) as long as all the rest of
 * counting by a name. Kernels before 5.17 leave what was behind the NUL. */
static __always_inline bool read_comm(struct event *event)
{
	__u64 *text = (void *)event->buffer + config.comm_offset;

	if (config.task_comm) {
		const __u64 *comm = (void *)bpf_get_current_task_btf() + config.task_comm;
		__u64 nul, none;

		text[0] = up_to_nul(comm[0], &nul);
		text[1] = nul ? 0 : up_to_nul(comm[1], &none);
	} else {
		text[0] = text[1] = 0; /* 6.1 leaves the bytes after the NUL as they were */
		bpf_get_current_comm(text, 16);
	}
	return compares_pass(text, config.comm_compares);
}

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

static __always_inline bool read_string(void *context, int i, struct event *event)
{
	enum text kind = config.strings[i].text;
	__u64 *text = (void *)event->buffer + config.strings[i].key_offset;
	__u32 size = config.strings[i].size;
	const void *address;
	long length;

	if (kind == TEXT_KERNEL_STACK) {
		*text = stack_number(context, 0);
		return true;
	}
	if (kind == TEXT_USER_STACK) {
		*text = stack_number(context, BPF_F_USER_STACK) << 32 | bpf_get_current_pid_tgid() >> 32;
		return true;
	}
	if (kind == TEXT_RESTORED)
		return compares_pass(text, config.strings[i].compares);
	address = (void *)(event->values[config.strings[i].step] + (__s64)config.strings[i].add);
#pragma unroll
	for (__u32 w = 0; w < STRING_BYTES / 8; w++)
		if (size > w * 8)
			text[w] = 0; /* the helpers leave the bytes after the NUL as they were */
	if (kind == TEXT_USER)
		length = bpf_probe_read_user_str(text, size, address);
	else if (kind == TEXT_BYTES)
		length = bpf_probe_read_kernel(text, size - 8, address);
	else
		length = bpf_probe_read_kernel_str(text, size, address);
	if (length < 0) {
		LOSE(fault);
		((__u8 *)text)[size - 1] = 1; /* no text ends so: user space shows it as unreadable */
	}
	return compares_pass(text, config.strings[i].compares);
}

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
		if (config.measures[i].operation)
			sent->values[i] = event->values[config.measures[i].step];
	}
	key = (void *)(sent + 1);
#pragma unroll
	for (__u32 w = 0; w < KEY_BYTES / 8; w++)
		if (words > w)
			key[w] = event->buffer[w];
	bpf_ringbuf_submit(sent, BPF_RB_NO_WAKEUP);
}

static __always_inline void observe(void *context)
{
	struct event event;
	__u64 *start = 0;
	/* read once: each comparison of a register that is known costs nothing at run time, each read of `config` does */
	__u32 early = config.early_count, late = config.late_count, strings = config.string_count;

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

	if (config.role == ROLE_START) {
		remember(&event);
		return;
	}
	if (config.send)
		send(&event);
	else
		count(&event);
out:
	if (start)
		start[0] = 0;
}

SEC("tracepoint") /* a name only: user space sets the type */
int probe(void *context)
{
	observe(context);
	return config.result;
}
