// What came since the snapshot before, and which rows are wanted: the subtraction and the selection, so that JavaScript
// touches only what is shown. Knows words and bytes, not meanings.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "maps.h"
#include "top-rows.h"

/** Rows whose key has the text somewhere in these fields: characters as they are, integers in decimal. */
struct Filter {
  struct Field {
    uint32_t offset, size;
    bool text, isSigned, ofValue;
  };
  std::string text;  // lower case; empty: all rows
  std::vector<Field> fields;
};

/** A word to which values of any size are added. */
struct SumWord {
  uint32_t word;
  bool isSigned;
};

struct Query {
  Order order;
  std::vector<SumWord> sums;
  Filter filter;
  uint32_t limit = UINT32_MAX;
  bool changed = false;  // rows to which something came alone
};

/** Whether it asks for nothing beyond the end of a record. */
bool isWithin(const Query &query, const RecordSize &record);

enum class Change : uint8_t { none, counted, isNew };

struct Sample {
  uint32_t count = 0;    // keys in the map
  uint32_t matching = 0; // of these, those that pass the filter
  bool complete = true;
  uint64_t total = 0, delta = 0;  // of word 0, over all rows that pass the filter
  uint64_t counted = 0;           // of word 0, over all rows, since the sample before; where sums were asked for
  uint32_t wrapped = 0;           // rows of which a sum went past the end of 64 bits since; of kept events, does now
  /** One entry a row chosen, or keySize, valueSize bytes of it. A serial stays a key's own while it is in the map. */
  std::vector<uint64_t> serials;
  std::vector<Change> changes;
  Bytes keys, values, before;
  Bytes first;  // values of a map that was read before
};

class Tally {
 public:
  /** @param gauges a lower value is no counter that began anew */
  Sample take(Snapshot snapshot, uint32_t keySize, uint32_t valueSize, const Query &query, bool gauges = false);
  /** A buffer that is no longer needed, for the next snapshot to be read into. */
  Snapshot spare() { return std::move(spare_); }

 private:
  int64_t find(const uint8_t *key, size_t expected);
  void index();
  const uint8_t *beforeOf(int64_t earlier, const uint8_t *value) const;
  void copy(const Snapshot &now, const std::vector<uint32_t> &chosen, Sample &sample) const;

  uint32_t keySize_ = 0, valueSize_ = 0;
  Snapshot before_, spare_;
  std::vector<uint64_t> serials_, spareSerials_;  // of the rows of before_; memory for the next
  std::vector<int32_t> earlier_;                  // of the rows of now, each one's row of before_, or -1
  std::vector<uint32_t> table_;    // open addressing over the keys of before_: row + 1; made when an order does not hold
  std::vector<uint8_t> zeros_;
  uint64_t nextSerial_ = 1;  // 2^32 are given in a year of 136 new keys a second
  bool gauges_ = false;
};
