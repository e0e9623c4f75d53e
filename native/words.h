// Words and integers in bytes that may begin anywhere.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

inline uint64_t wordAt(const uint8_t *value, size_t word) {
  uint64_t v;
  memcpy(&v, value + 8 * word, 8);
  return v;
}

/** Little-endian, of up to 8 bytes. */
inline uint64_t integerAt(const uint8_t *at, uint32_t size, bool isSigned) {
  uint64_t v = 0;
  memcpy(&v, at, std::min(size, 8u));
  if (isSigned && size < 8 && size > 0) {
    const unsigned shift = 64 - 8 * size;
    v = static_cast<uint64_t>(static_cast<int64_t>(v << shift) >> shift);
  }
  return v;
}
