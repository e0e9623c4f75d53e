// What each CPU counts of the keys that come often, in slots in front of a map (bpf/hot.h): one read of it, to be added to the
// map's rows.
#pragma once
#include <cstdint>
#include <vector>

#include "maps.h"

class HotKeys {
 public:
  /** Reads the slots. To be made before the map itself is read: a key has its row there before it has a slot.
   * @param batch is used, and free again. @throws Failure */
  HotKeys(const MapHandle &map, Batch &batch);
  void addTo(Snapshot &snapshot) const;

 private:
  /** What a slot counted; its key is behind it. */
  void add(const uint8_t *value);
  /** Number of the key among ours, plus one; where it belongs when it is not there. */
  uint32_t &placeOf(const uint8_t *key) { return table_[positionOf(key)]; }
  size_t positionOf(const uint8_t *key) const;
  void merge(const uint8_t *from, uint8_t *to) const;

  uint32_t keySize_, words_, least_;
  std::vector<bool> maximum_;  // of the value's words
  std::vector<uint8_t> keys_, values_;
  uint32_t count_ = 0;
  std::vector<uint32_t> table_;
};
