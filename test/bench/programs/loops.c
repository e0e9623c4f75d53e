// loops WHAT SECONDS [KEYS]: does one thing in a loop under the name bench-loop, and prints ns per turn. WHAT: openat, getppid,
// read (of 1 byte), keys (lseek to 0 … KEYS-1, over and over), spread (as keys, ten thousand a second).
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	double until, begun;
	long keys = argc > 3 ? atol(argv[3]) : 1, turns = 0;
	int file = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	char byte;

	prctl(PR_SET_NAME, "bench-loop");
	begun = now();
	until = begun + atof(argv[2]) * 1e9;
	do {
		for (int i = 0; i < 1000; i++, turns++) {
			if (!strcmp(what, "openat"))
				close(syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY | O_CLOEXEC));
			else if (!strcmp(what, "getppid"))
				syscall(SYS_getppid);
			else if (!strcmp(what, "read"))
				read(file, &byte, 1);
			else
				lseek(file, turns % keys, SEEK_SET);
		}
		if (!strcmp(what, "spread"))
			usleep(100000);
	} while (now() < until && !(argc > 4 && turns >= atol(argv[4])));
	printf("%.1f\n", (now() - begun) / turns);
	return 0;
}
