// A BPF object, opened and not loaded. libbpf trusts what it is given; what a damaged file could do is kept in a process
// of its own first.
#pragma once
#include <bpf/libbpf.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct CloseObject {
  void operator()(bpf_object *object) const { bpf_object__close(object); }
};
using Object = std::unique_ptr<bpf_object, CloseObject>;

/** Of a file of our own. @throws Failure */
bpf_object *openBundled(const std::string &path);

/**
 * Of bytes that came from a file of a user.
 * @param load it is to be loaded: the steps to that are tried apart, too
 * @throws Failure, and libbpf's words
 */
bpf_object *openObject(const std::string &name, const std::vector<uint8_t> &bytes, bool load = false);
