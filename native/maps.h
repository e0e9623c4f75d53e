// Reads a whole map into two byte arrays. Knows sizes, not meanings.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

struct MapHandle {
  std::string name;
  int fd = -1;
  uint32_t type = 0, keySize = 0, valueSize = 0, maxEntries = 0;
  /** Words of a per-CPU value that are merged by maximum; others are added. */
  std::vector<uint32_t> maxWords;
};

struct Snapshot {
  uint32_t count = 0;
  std::vector<uint8_t> keys, values;
  bool complete = true;
};

/** @param reuse a snapshot nobody needs any more: its memory serves again. @throws Failure */
Snapshot readMap(const MapHandle &map, Snapshot reuse = {});
