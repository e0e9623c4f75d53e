/* SPDX-License-Identifier: GPL-2.0 */
/* The one definition of how a preset is put to probe.bpf.c. TypeScript fills `config` by these names, through the
 * object's own BTF, and knows no offset of it; only the value and key layouts below are its to plan.
 *
 * All members are plain 4 or 8 byte words: the verifier reads them as known constants and removes what a preset does
 * not use, so space costs nothing at run time and packing would only make the code harder to read. */
#ifndef TSBPFTOP_PROBE_H
#define TSBPFTOP_PROBE_H

#define EARLY_STEPS 6      /* steps that run before a span's start is looked up: the match, and what makes an event an end */
#define LATE_STEPS 8       /* the rest; 12 also verify, at 1.4 times the load time */
#define HOPS 3             /* pointers that one step follows */
#define STRINGS 3          /* texts and stacks besides comm; a fourth breaks the 512 byte stack with clang 14 */
#define COMPARES 4         /* texts compared with a constant */
#define COMPARE_WORDS 8    /* a constant has 64 bytes, its NUL included */
#define MEASURES 6
#define OUTCOMES 6         /* tests that only note what they say: 2^6 bits are one word */
#define SAVED_WORDS 24     /* words a span keeps from its start: 3 strings of 64 bytes, or one and 16 integers */
#define KEY_BYTES 256
#define STRING_BYTES 128
#define VALUE_WORDS 320

/* Where a step's value comes from. `index` is what the comment says. */
enum source {
	SOURCE_NONE,           /* no such step */
	SOURCE_CONTEXT64,      /* 8 byte word `index` of the context: an argument, a register, a tracepoint field */
	SOURCE_CONTEXT32,      /* 4 byte word `index` of a tracepoint's record */
	SOURCE_CONTEXT_BYTES,  /* `size` bytes at byte `index` of a tracepoint's record */
	SOURCE_CONTEXT_ADDRESS,/* address of byte `index` of the record: a character array in it */
	SOURCE_CONTEXT_DATA_LOC, /* address that the __data_loc in 4 byte word `index` points to */
	SOURCE_CONSTANT,       /* `constant` */
	SOURCE_STEP,           /* value of step `index`, to follow more pointers from it */
	SOURCE_PID,            /* process, the kernel's tgid */
	SOURCE_TID,            /* thread, the kernel's pid */
	SOURCE_UID,
	SOURCE_GID,
	SOURCE_CGROUP,
	SOURCE_CPU,
	SOURCE_TASK,           /* address of the task_struct */
	SOURCE_COOKIE,         /* number of the attach point that fired */
	SOURCE_SAVED,          /* word `index` that the span's start saved */
	SOURCE_DURATION,       /* ns since the span's start */
	SOURCE_COMBINE,        /* step `index` << 32 | low half of step `second` */
	SOURCE_SUM,            /* step `index` + step `second` */
	SOURCE_DIFFERENCE,     /* step `index` - step `second` */
	SOURCE_LESS,           /* step `index` < step `second`: 1 or 0 */
	SOURCE_LESS_SIGNED,
	SOURCE_LESS_SIGNED_FIRST,  /* the first has a sign, the second has none: as numbers, not as bits */
	SOURCE_LESS_SIGNED_SECOND,
};

/* A test passes when ((value & mask) - low) <= span, or does not: every comparison of an integer with a constant. */
enum test { TEST_NONE, TEST_INSIDE, TEST_OUTSIDE };

struct step {
	enum source source;
	__u32 index, second;
	__u32 size;
	__u64 constant;
	__u32 hops;                /* pointers followed: value = *(value + hop[i]) */
	__u32 hop_user;            /* they point to user memory */
	__u32 hop_none;            /* a null pointer on the way makes it 0, and is no fault */
	__u32 last_size;           /* bytes read by the last one: 1, 2, 4 or 8 */
	__u64 hop[HOPS];
	__u32 shift_left, shift_right, shift_signed; /* cut and extend: casts and bit-fields */
	enum test test;
	__u32 outcome;             /* the test only notes what it says, by this bit: `passes` decides. 0: what fails it is not wanted */
	__u64 mask, low, span;
	__u32 in_key, key_offset;  /* the 8 bytes are part of the key, from this byte on */
};

/* TEXT_RESTORED: it came back from the span's start, and is compared; with a `size`, it is read now if it could not be read then.
 * TEXT_BYTES: kernel memory as it is, such as an IPv6 address: `size` less 8 bytes are read, and the word behind them is
 * 0, or marks them as unreadable.
 * TEXT_ARGUMENT: number `add` of a list of texts that a null pointer ends, as argv is; empty where the list is shorter.
 * TEXT_COMMAND: a command line in one piece of user memory, from `step` up to `until`, with spaces in place of the NULs.
 * Stacks are among the texts since a kind costs nothing at run time where another one is tested already. They come last:
 * nothing else here takes as long, and what fails a test is not to pay for it. */
enum text {
	TEXT_NONE,
	TEXT_KERNEL,
	TEXT_USER,
	TEXT_RESTORED,
	TEXT_BYTES,
	TEXT_ARGUMENT,
	TEXT_COMMAND,
	TEXT_KERNEL_STACK,
	TEXT_USER_STACK,
};

struct string {
	enum text text;
	__u32 step;                /* its value is the address ... */
	__s32 add;                 /* ... plus this */
	__u32 until;               /* its value is the address behind the end */
	__u32 key_offset;
	__u32 size;                /* bytes, a multiple of 8 */
	__u32 again;               /* start: one that cannot be read is read at the end; until then its address stands in its place */
	__u32 compares;            /* bit i: config.compares[i] is about this string */
};

struct compare {
	__u32 words;               /* 8 byte words compared */
	enum test test;
	__u32 outcome;             /* as of a step */
	__u64 value[COMPARE_WORDS];
	__u64 mask[COMPARE_WORDS]; /* an equality covers the NUL, a prefix does not */
};

/* min is kept as ~(v ^ bias), max as v ^ bias, bias = 1 << 63 for signed values: a new value is all zero. */
enum operation { OPERATION_NONE, OPERATION_SUM, OPERATION_MIN, OPERATION_MAX, OPERATION_LOG2, OPERATION_LINEAR };

struct measure {
	enum operation operation;
	__u32 step;                /* whose value is measured */
	__u32 word;                /* of the value, where the number or the first slot is; word 0 is the count */
	__u32 slots;               /* log2: below zero, [0,1), [1,2), [2,4) ... [2^62,2^63), rest. linear: see LINEAR */
	__u64 bias;
	__u64 low, width;          /* linear: slot 0 is below `low`, the last one is above; `low` is biased */
	__u64 passes;              /* of these outcomes alone, as in struct config; 0: of every event */
};

enum role {
	ROLE_COUNT,                /* count and measure at one point */
	ROLE_START,                /* remember the time, and the saved words */
	ROLE_END,                  /* look the start up, then as ROLE_COUNT */
	ROLE_FORGET,               /* what was kept by this match value is over */
};

/* Of an end that is the return of a system call: how its context tells which. */
enum returns {
	RETURNS_NONE,              /* it is none, or ends pair with starts by something else than the thread */
	RETURNS_REGISTERS,         /* raw tracepoint sys_exit: the registers, the result */
	RETURNS_RECORD,            /* tracepoint of one call: behind 8 bytes its number and its result; of 64-bit programs alone */
};

#define MAKERS 4
#define MODE_BIT 0x10 /* of cs (0x33, and 0x23 of a 32-bit program), and of arm64's pstate */

struct config {
	enum role role;
	enum returns returns;
	__u32 makers[MAKERS];      /* numbers of the calls that make a thread, the last one again where they are fewer */
	__u32 number_offset;       /* byte of the registers where the call's number is ... */
	__u32 mode_offset, mode;   /* ... and those that tell by MODE_BIT whether it is one of a 64-bit program: then it is this */
	__u32 match;               /* step whose value pairs start and end */
	__u32 saved_words;         /* start: words of the buffer from byte 8 on that are saved */
	__u32 count_unmatched;     /* end: a missing start is a loss, and not what a start's own filter left out */
	__u32 sure_starts;         /* end: entries in `starts` that each CPU may make and be sure that none is pushed out */
	__u32 count_unreturned;    /* start: another start while the one before is open is a loss: a call that was not seen to return */
	__u32 restored_words, restored_offset; /* end: the first so many go back into the key, from this byte on */
	__u32 key_words;           /* of the key */
	__u32 comm, comm_offset, comm_compares;
	__u32 task_comm;           /* byte of the task_struct where its comm is; 0: a helper is asked */
	__u32 close_filtered;      /* end of a call that a filter may keep out: its start was remembered, and has ended all the same */
	__u32 result;              /* of a tracepoint 1: by 0 perf would not see the event, whoever asked it to */
	__u32 early_count, late_count, string_count, measure_count; /* of these, so many are used */
	struct step early[EARLY_STEPS]; /* values 0.. */
	struct step late[LATE_STEPS];   /* values EARLY_STEPS.. */
	struct string strings[STRINGS];
	struct compare compares[COMPARES];
	struct measure measures[MEASURES];
	__u64 passes;              /* bit n: an event whose tests noted n is wanted; so any and, or and not of them is one shift. 0: nothing to decide */
	__u32 hot_bytes;           /* of a slot in `hot`; 0: there is no such map */
	__u32 hot_mask;            /* slots of a part less one, a power of 2 */
	__u32 hot_parts;           /* parts less one, a power of 2 */
	__u32 hot_key;             /* byte of a slot where its key is */
	__u32 hot_count;           /* a key that came so often is worth a slot: one that comes once takes none away */
	__u32 keep;                /* the event is kept in the map `counts` by its own match value until a ROLE_FORGET, and is not counted */
	__u32 keep_match;          /* step whose value that is */
	__u32 send;                /* the event itself goes to the map `events`, and is not counted */
	__u32 wanted_words;        /* bit i: word i of the key must be wanted[i], so that events of one row alone are sent */
	__u64 wanted[KEY_BYTES / 8];
};

/* A slot of `hot`: the value follows, then the key. */
struct hot {
	__u64 claims;              /* runs that wanted it */
	__u64 ready;               /* 1: the key is whole */
};

/* What is sent of an event; key_words words of the key follow. */
struct sent {
	__u64 time;                /* ns of CLOCK_MONOTONIC */
	__u64 task;                /* process << 32 | thread */
	char comm[16];
	__u64 values[MEASURES];    /* what each measure measured */
};

/* The word of a stack in the key: its place in one of the maps of stacks and, above, which; or one of these. A user stack has the number in the
 * upper half and the process in the lower one: the same addresses are other functions in another process. */
#define STACK_MAP_SHIFT 24
#define STACK_NONE 0xfffffffe /* there is none: a kernel thread has no user stack, and the reverse */
#define STACK_LOST 0xffffffff

/* Events that were not counted, or not read whole, and why. */
struct losses {
	__u64 map_full;            /* no place for the key */
	__u64 busy;                /* the event interrupted an insertion into the same part of the map */
	__u64 unmatched;           /* end of a span whose start was not seen, or was ended or pushed out before */
	__u64 earlier;             /* first end of its match value, which had no start before: began before the probes were there */
	__u64 unreturned;          /* start of a call while the thread's call before is open: its return was missed, or it was left */
	__u64 fault;               /* memory that could not be read */
	__u64 stack;               /* its place in `stacks` is taken by another stack */
	__u64 unsent;              /* no room in `events`: user space reads it a few times a second */
	__u64 started;             /* no loss: entries made in `starts`. As long as they all fit, none was pushed out */
	__u64 wide;                /* no loss: upper halves of what was summed up, themselves added up: what a sum may have grown by */
	__u64 unstarted;           /* no entry could be made in `starts`: its end looks as if it had begun earlier */
};

#endif
