/* SPDX-License-Identifier: GPL-2.0 */
/* Texts of an event: read into the key, and compared. */
#ifndef TSBPFTOP_TEXTS_H
#define TSBPFTOP_TEXTS_H

#include "event.h"
#include "stacks.h"

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

static __always_inline bool compares_pass(struct event *event, const __u64 *text, __u32 which)
{
#pragma unroll
	for (__u32 i = 0; i < COMPARES; i++)
		if (which & 1 << i) {
			__u32 outcome = config.compares[i].outcome;

			if (text_passes(text, i))
				event->outcome |= outcome;
			else if (!outcome)
				return false;
		}
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
	return compares_pass(event, text, config.comm_compares);
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
		return compares_pass(event, text, config.strings[i].compares);
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
	return compares_pass(event, text, config.strings[i].compares);
}

#endif
