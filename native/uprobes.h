// Uprobes and their returns: many by one link where the kernel has that, and one by one. Told apart from other probes
// because the kernel may refuse a single one of many: it does not take every instruction.
#pragma once
#include <bpf/libbpf.h>

#include <string>
#include <vector>

#include "attach.h"
#include "spec.h"

/** Whether a multi-uprobe of this kernel that is for one process sees all threads of it: tried once, on ourselves. */
bool multiSeesThreads();

/** @throws Failure for what is not the fault of a single place */
void attachUprobes(bpf_program *program, const AttachSpec &spec, std::vector<Attachment> &attached, std::vector<RefusedPlace> &refused);
