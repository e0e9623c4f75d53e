// Where a member of one of the kernel's structs is, without loading all of its types: they take 11 ms and 6 MB.
#pragma once
#include <cstdint>
#include <optional>

/** Bytes from the start of `structure`; nothing where the kernel has no BTF, or no such member at a whole byte. */
std::optional<uint32_t> kernelMember(const char *structure, const char *member);
