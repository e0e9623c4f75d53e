// poll ID: opens the map of that number, and for each line of its input reads it whole by libbpf's batch lookup, as a program would
// that does it again and again: into memory that it keeps. Prints how many entries there were and the nanoseconds of each reading.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BATCH 4096

int main(int argc, char **argv)
{
	struct bpf_map_info info = {0};
	unsigned size = sizeof info;
	int map = argc < 2 ? -1 : bpf_map_get_fd_by_id(atoi(argv[1]));

	if (map < 0 || bpf_obj_get_info_by_fd(map, &info, &size))
		return 1;
	unsigned long copies = info.type == BPF_MAP_TYPE_PERCPU_HASH ? libbpf_num_possible_cpus() : 1;
	unsigned long value = copies == 1 ? info.value_size : (info.value_size + 7ul) / 8 * 8 * copies;
	// the last batch may ask for more than there is left
	char *keys = malloc((info.max_entries + BATCH) * (unsigned long)info.key_size), *values = malloc((info.max_entries + BATCH) * value);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int c; (c = getchar()) != EOF;) {
		struct timespec a, b;
		unsigned long long position, next;
		unsigned seen = 0, count;
		int error;

		if (c != '\n')
			continue;
		clock_gettime(CLOCK_MONOTONIC, &a);
		do {
			count = BATCH;
			error = bpf_map_lookup_batch(map, seen ? &position : NULL, &next, keys + seen * (unsigned long)info.key_size, values + seen * value, &count, NULL);
			if (error && errno != ENOENT)
				return 1;
			seen += count;
			position = next;
		} while (!error && seen <= info.max_entries);
		clock_gettime(CLOCK_MONOTONIC, &b);
		printf("%u %.0f\n", seen, (b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec));
	}
	return 0;
}
