// loop NAME N: under the name NAME, N turns of a loop of two instructions. Prints what the kernel's own counters say of it:
// instructions and cycles, or 0 where there is no counter.
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int counter(unsigned long what, int group)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_HARDWARE, .size = sizeof attr, .config = what, .disabled = group < 0};

	return syscall(SYS_perf_event_open, &attr, 0, -1, group, 0);
}

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

	long turns = atol(argv[2]);
	int instructions = counter(PERF_COUNT_HW_INSTRUCTIONS, -1), cycles = counter(PERF_COUNT_HW_CPU_CYCLES, instructions);

	ioctl(instructions, PERF_EVENT_IOC_ENABLE, 0);
#ifdef __aarch64__
	asm volatile("1: subs %0, %0, #1\n\tb.ne 1b" : "+r"(turns) : : "cc");
#else
	asm volatile("1: dec %0\n\tjnz 1b" : "+r"(turns) : : "cc");
#endif
	ioctl(instructions, PERF_EVENT_IOC_DISABLE, 0);
	printf("%lu %lu\n", counted(instructions), counted(cycles));
	return 0;
}
