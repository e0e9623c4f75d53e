// SPDX-License-Identifier: GPL-2.0
/* Hand-written programs for single questions: what the bundled, table-driven program is measured against. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct by_comm { char comm[16]; };
struct by_path { char comm[16]; char path[64]; };
struct by_syscall { char comm[16]; __u64 id; };
struct latency { __u64 count; __u64 slots[66]; };

#define COUNTS(name, key_type, value_type, entries)             \
	struct {                                                \
		__uint(type, BPF_MAP_TYPE_HASH);                \
		__uint(max_entries, entries);                   \
		__type(key, key_type);                          \
		__type(value, value_type);                      \
	} name SEC(".maps")

COUNTS(comms, struct by_comm, __u64, 10240);
COUNTS(paths, struct by_path, __u64, 10240);
COUNTS(syscalls, struct by_syscall, __u64, 10240);
COUNTS(offsets, __u64, __u64, 10240);
COUNTS(latencies, struct by_comm, struct latency, 10240);
COUNTS(begun, __u64, __u64, 16384);

const volatile struct latency nothing = {};

static __always_inline void count(void *map, const void *key)
{
	static const __u64 one = 1;
	__u64 *value = bpf_map_lookup_elem(map, key);

	if (value)
		__sync_fetch_and_add(value, 1);
	else
		bpf_map_update_elem(map, key, &one, BPF_NOEXIST);
}

SEC("tracepoint") int empty(void *context) { return 0; }

SEC("tracepoint") int openat_comm(void *context)
{
	struct by_comm key = {};

	bpf_get_current_comm(&key.comm, sizeof key.comm);
	count(&comms, &key);
	return 0;
}

SEC("tracepoint") int lseek_offset(void *context)
{
	__u64 key = ((__u64 *)context)[3];

	count(&offsets, &key);
	return 0;
}

SEC("tracepoint") int openat_path(void *context)
{
	struct by_path key = {};

	bpf_get_current_comm(&key.comm, sizeof key.comm);
	bpf_probe_read_user_str(key.path, sizeof key.path, (void *)((__u64 *)context)[3]);
	count(&paths, &key);
	return 0;
}

SEC("tracepoint") int openat_begin(void *context)
{
	__u64 thread = (__u32)bpf_get_current_pid_tgid(), path = ((__u64 *)context)[3];

	bpf_map_update_elem(&begun, &thread, &path, BPF_ANY);
	return 0;
}

SEC("tracepoint") int openat_end(void *context)
{
	__u64 thread = (__u32)bpf_get_current_pid_tgid();
	__u64 *path = bpf_map_lookup_elem(&begun, &thread);
	struct by_path key = {};

	if (!path)
		return 0;
	bpf_get_current_comm(&key.comm, sizeof key.comm);
	bpf_probe_read_user_str(key.path, sizeof key.path, (void *)*path);
	bpf_map_delete_elem(&begun, &thread);
	count(&paths, &key);
	return 0;
}

SEC("raw_tracepoint") int syscalls_comm(void *context)
{
	struct by_syscall key = {};

	bpf_get_current_comm(&key.comm, sizeof key.comm);
	key.id = ((__u64 *)context)[1];
	count(&syscalls, &key);
	return 0;
}

SEC("tracepoint") int read_begin(void *context)
{
	__u64 thread = (__u32)bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns();

	bpf_map_update_elem(&begun, &thread, &now, BPF_ANY);
	return 0;
}

SEC("tracepoint") int read_end(void *context)
{
	__u64 thread = (__u32)bpf_get_current_pid_tgid(), slot = 0, v;
	__u64 *start = bpf_map_lookup_elem(&begun, &thread);
	struct latency *value;
	struct by_comm key = {};

	if (!start)
		return 0;
	v = bpf_ktime_get_ns() - *start;
	bpf_map_delete_elem(&begun, &thread);
	bpf_get_current_comm(&key.comm, sizeof key.comm);
	value = bpf_map_lookup_elem(&latencies, &key);
	if (!value) {
		bpf_map_update_elem(&latencies, &key, (const void *)&nothing, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&latencies, &key);
	}
	if (!value)
		return 0;
#pragma unroll
	for (int shift = 32; shift; shift /= 2)
		if (v >> shift) {
			slot += shift;
			v >>= shift;
		}
	__sync_fetch_and_add(&value->count, 1);
	if (slot + 2 < 66)
		__sync_fetch_and_add(&value->slots[slot + 2], 1);
	return 0;
}
