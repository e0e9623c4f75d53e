#include "cpus.h"

#include <bpf/libbpf.h>

#include "errors.h"

unsigned possibleCpus() {
  const int cpus = libbpf_num_possible_cpus();  // known after the first time
  if (cpus < 0) throw Failure("count CPUs", "/sys/devices/system/cpu/possible", -cpus);
  return static_cast<unsigned>(cpus);
}
