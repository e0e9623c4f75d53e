// loop NAME N: under the name NAME, N turns of a loop of two instructions, with a system call after each 5000. Prints what the
// kernel's own counters say of it: instructions and cycles, or 0 where there is no counter.
// The calls are for QEMU: that an emulated counter of instructions is full is seen when the CPU next enters the kernel.
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STEP 5000

static int counter(unsigned long what)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_HARDWARE, .size = sizeof attr, .config = what};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

/* so far: it counts from when it was opened */
static unsigned long counted(int file)
{
	unsigned long count = 0;

	return file >= 0 && read(file, &count, sizeof count) == sizeof count ? count : 0;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	prctl(PR_SET_NAME, argv[1]);

	int instructions = counter(PERF_COUNT_HW_INSTRUCTIONS), cycles = counter(PERF_COUNT_HW_CPU_CYCLES);

	for (long left = atol(argv[2]); left > 0; left -= STEP) {
		long turns = STEP;
#ifdef __aarch64__
		asm volatile("1: subs %0, %0, #1\n\tb.ne 1b" : "+r"(turns) : : "cc");
#else
		asm volatile("1: dec %0\n\tjnz 1b" : "+r"(turns) : : "cc");
#endif
		syscall(SYS_getppid);
	}
	unsigned long counts[2] = {counted(instructions), counted(cycles)};
	printf("%lu %lu\n", counts[0], counts[1]);
	return 0;
}
