// poll TYPE KEYS RUNS: makes a map (hash or percpu) of KEYS keys of 24 bytes with values of 8, reads it RUNS times whole by
// libbpf's batch lookup, and prints the median in microseconds.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define BATCH 4096

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	int percpu = !strcmp(argv[1], "percpu"), runs = atoi(argv[3]), cpus = libbpf_num_possible_cpus();
	unsigned keys = atol(argv[2]), copies = percpu ? cpus : 1;
	struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
	double times[64];

	setrlimit(RLIMIT_MEMLOCK, &all);
	int map = bpf_map_create(percpu ? BPF_MAP_TYPE_PERCPU_HASH : BPF_MAP_TYPE_HASH, "bench", 24, 8, keys, NULL);
	if (map < 0 || argc < 4)
		return 1;
	unsigned long long *k = calloc(keys, 24), *v = calloc(keys, 8ul * copies), value[256] = {1};
	for (unsigned i = 0; i < keys; i++) {
		unsigned long long key[3] = {i, 7, 7};
		if (bpf_map_update_elem(map, key, value, BPF_ANY))
			return 1;
	}
	for (int run = 0; run < runs && run < 64; run++) {
		struct timespec a, b;
		unsigned long long position, next;
		unsigned seen = 0, count;
		int error;

		clock_gettime(CLOCK_MONOTONIC, &a);
		do {
			count = keys - seen < BATCH ? keys - seen : BATCH;
			if (!count)
				break;
			error = bpf_map_lookup_batch(map, seen ? &position : NULL, &next, k + 3ul * seen, v + (unsigned long)copies * seen, &count, NULL);
			seen += count;
			position = next;
		} while (!error);
		clock_gettime(CLOCK_MONOTONIC, &b);
		if (seen != keys)
			return 1;
		times[run] = (b.tv_sec - a.tv_sec) * 1e6 + (b.tv_nsec - a.tv_nsec) / 1e3;
	}
	qsort(times, runs, sizeof *times, by_size);
	printf("%.0f\n", times[runs / 2]);
	return 0;
}
