/* SPDX-License-Identifier: GPL-2.0 */
/* Texts of an event: read into the key, and compared. */
#ifndef TSBPFTOP_TEXTS_H
#define TSBPFTOP_TEXTS_H

#include "event.h"
#include "stacks.h"

#define ARGUMENTS 64 /* of a list of texts, those that can be asked for */
#define NO_ADDRESS 1
#define ADDRESS_BITS ((1ull << 56) - 1) /* of user memory; the byte above may be the last of a text */

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

/* Where text `number` of a list is that a null pointer ends; 0: it has fewer; no address: the list cannot be read. What is behind
 * the null, often the environment, is not of the list. */
static __noinline __u64 text_of_list(__u64 list, __u32 number)
{
	__u64 text = 0;

	for (__u32 i = 0; i < ARGUMENTS; i++) {
		if (bpf_probe_read_user(&text, sizeof text, (void *)(list + i * sizeof text)))
			return NO_ADDRESS;
		if (!text || i == number)
			break;
	}
	return text;
}

/* Makes the NULs in the first `length` bytes spaces. */
static __noinline int join_words(__u64 *text, __u32 length)
{
	for (__u32 w = 0; w < STRING_BYTES / 8; w++) {
		__u64 v, nul;

		if (length <= w * 8)
			break;
		v = text[w];
		nul = ~(((v & 0x7f7f7f7f7f7f7f7f) + 0x7f7f7f7f7f7f7f7f) | v) & 0x8080808080808080;
		if (length < w * 8 + 8)
			nul &= (1ull << (length & 7) * 8) - 1;
		text[w] = v | nul >> 2; /* 0x20 */
	}
	return 0;
}

static __always_inline long read_command(__u64 *text, __u32 size, __u64 from, __u64 until)
{
	__u64 length = until - from - 1; /* less the last NUL */
	long error;

	if (from >= until)
		return 0;
	if (length > size - 1)
		length = size - 1;
	error = bpf_probe_read_user(text, length, (void *)from);
	if (!error)
		join_words(text, length);
	return error;
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
	if (kind == TEXT_RESTORED) {
		if (!size || !((__u8 *)text)[size - 1])
			return compares_pass(event, text, config.strings[i].compares);
		address = (void *)(*text & ADDRESS_BITS);
	} else
		address = (void *)(event->values[config.strings[i].step] + (__s64)config.strings[i].add);
#pragma unroll
	for (__u32 w = 0; w < STRING_BYTES / 8; w++)
		if (size > w * 8)
			text[w] = 0; /* the helpers leave the bytes after the NUL as they were */
	if (kind == TEXT_ARGUMENT) {
		address = (void *)text_of_list(event->values[config.strings[i].step], config.strings[i].add);
		length = address ? bpf_probe_read_user_str(text, size, address) : 0;
	} else if (kind == TEXT_COMMAND)
		length = read_command(text, size, event->values[config.strings[i].step], event->values[config.strings[i].until]);
	else if (kind == TEXT_USER || kind == TEXT_RESTORED)
		length = bpf_probe_read_user_str(text, size, address);
	else if (kind == TEXT_BYTES)
		length = bpf_probe_read_kernel(text, size - 8, address);
	else
		length = bpf_probe_read_kernel_str(text, size, address);
	if (length < 0) {
		if (config.strings[i].again)
			*text = (__u64)address & ADDRESS_BITS;
		else
			LOSE(fault);
		((__u8 *)text)[size - 1] = 1; /* no text ends so: user space shows it as unreadable */
	}
	return compares_pass(event, text, config.strings[i].compares);
}

#endif
