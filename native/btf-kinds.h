// What linux/btf.h of the oldest distribution lacks, and reading that a damaged BTF does not break.
#pragma once
#include <bpf/btf.h>

#include <cstdint>
#include <string>

constexpr uint32_t kEnum64 = 19;

struct Enum64 {
  uint32_t name, low, high;
};

/** Of a damaged file, a name may lie nowhere. */
inline std::string nameAt(const btf *types, uint32_t offset) {
  const char *name = btf__name_by_offset(types, offset);
  return name == nullptr ? "" : name;
}
