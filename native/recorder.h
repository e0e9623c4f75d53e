// Entries of a map that others laid out become records of 8-byte words: cut by their Reading, merged over CPUs, and gathered
// where several entries are one record (a histogram with its bucket in the key). Knows places and widths, not meanings.
#pragma once
#include <unordered_map>

#include "maps.h"

class Recorder {
 public:
  /** @param stride bytes between the copies of a per-CPU value. @throws Failure where a part lies outside the entry */
  Recorder(const MapHandle &map, uint32_t copies, size_t stride);
  /** Adds one entry to the snapshot. */
  void add(const uint8_t *key, const uint8_t *value, Snapshot &snapshot);

 private:
  uint64_t merged(const uint8_t *value, const Part &part) const;
  void label(const uint8_t *value, const Part &part, uint8_t *into) const;
  void count(const uint8_t *key, const uint8_t *value, uint8_t *record, bool isNew) const;

  const Reading &reading_;
  uint32_t copies_;
  size_t stride_;
  RecordSize size_;
  std::vector<uint8_t> key_;
  std::unordered_map<std::string, uint32_t> rows_;
};
