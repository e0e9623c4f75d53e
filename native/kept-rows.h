// Events that the program keeps one by one until they are over (bpf/kept.h), as rows: those of one key are one, with how many there
// are, how long the oldest has been there, and what they measured together. Knows places, not meanings.
#pragma once
#include <vector>

#include "maps.h"

class KeptRows {
 public:
  /** @throws Failure where the value has no room for that key */
  explicit KeptRows(const MapHandle &map);
  /** Adds one event, by its value in the map. */
  void add(const uint8_t *value, Snapshot &snapshot);

 private:
  uint32_t rowOf(const uint8_t *key, Snapshot &snapshot);
  uint32_t &placeOf(const uint8_t *key, const Snapshot &snapshot);

  const MapHandle::Kept &kept_;
  RecordSize size_;
  std::vector<bool> maximum_, signed_;
  /** Open addressing over the rows' keys: row + 1. */
  std::vector<uint32_t> table_;
  /** As the programs read it, when the map began to be read. */
  uint64_t now_;
};
