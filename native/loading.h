// What an opened object is given before it is loaded, and loading it.
#pragma once
#include <bpf/libbpf.h>

#include <cstdint>
#include <string>
#include <vector>

// BPF_TRACE_UPROBE_MULTI, in the kernel since 6.6; Debian 12's headers do not have it
constexpr int kUprobeMulti = 48;

/** Writes a global by its name, in whichever section it is. @throws Failure */
void setGlobal(bpf_object *object, const std::string &name, const std::vector<uint8_t> &value);

/** @throws Failure where the target is not there */
void setProgramType(bpf_program *program, const std::string &type, const std::string &target);

/** @throws Failure where the object has no such program */
bpf_program *programOf(bpf_object *object, const std::string &name);

/** What came of loading: 0, or a negative errno with the words of the verifier and of libbpf. */
struct LoadResult {
  int error;
  std::string verifier, libbpf;
};
LoadResult loadObject(bpf_object *object);
