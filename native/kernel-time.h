// The clock that programs read in the kernel (bpf_ktime_get_ns), as this process can ask for it.
#pragma once
#include <cstdint>

/** ns. CLOCK_MONOTONIC, but for what a time namespace, as a container may have one, adds to it. */
uint64_t kernelTime();
