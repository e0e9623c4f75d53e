/* SPDX-License-Identifier: GPL-2.0 */
/* What a program type hands over: its words by number. */
#ifndef TSBPFTOP_CONTEXT_H
#define TSBPFTOP_CONTEXT_H

#include "event.h"

/* The context may be read at constant offsets only ("dereference of modified ctx ptr", all kernels), and clang merges
 * any two such loads into one at a variable offset unless each is an asm statement. Loads that a program type does not allow
 * are dead code. What is read is the length of the object, which loading takes as long as: a jump and a load for each word,
 * where a switch has five instructions. The index has 64 bits, so that no arithmetic on it remains. */
#define LOAD64(n)                                                                   \
	OPAQUE(word);                                                              \
	if (word == n)                                                             \
		asm volatile("%0 = *(u64 *)(%1 + 8 * " #n ")" : "=r"(v) : "r"(context));
#define LOAD32(n)                                                                   \
	OPAQUE(word);                                                              \
	if (word == n)                                                             \
		asm volatile("%0 = *(u32 *)(%1 + 4 * " #n ")" : "=r"(v) : "r"(context));
#define FOUR(LOAD, a, b, c, d) LOAD(a) LOAD(b) LOAD(c) LOAD(d)

static __always_inline __u64 context64(void *context, __u64 word)
{
	__u64 v = 0;

	/* 34: user_pt_regs of arm64, the longest */
	FOUR(LOAD64, 0, 1, 2, 3) FOUR(LOAD64, 4, 5, 6, 7) FOUR(LOAD64, 8, 9, 10, 11) FOUR(LOAD64, 12, 13, 14, 15)
	FOUR(LOAD64, 16, 17, 18, 19) FOUR(LOAD64, 20, 21, 22, 23) FOUR(LOAD64, 24, 25, 26, 27) FOUR(LOAD64, 28, 29, 30, 31)
	LOAD64(32) LOAD64(33)
	return v;
}

static __always_inline __u64 context32(void *context, __u64 word)
{
	__u64 v = 0;

	FOUR(LOAD32, 0, 1, 2, 3) FOUR(LOAD32, 4, 5, 6, 7) FOUR(LOAD32, 8, 9, 10, 11) FOUR(LOAD32, 12, 13, 14, 15)
	FOUR(LOAD32, 16, 17, 18, 19) FOUR(LOAD32, 20, 21, 22, 23) FOUR(LOAD32, 24, 25, 26, 27) FOUR(LOAD32, 28, 29, 30, 31)
	return v;
}

#endif
