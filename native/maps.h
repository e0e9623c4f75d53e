// Reads a whole map into two byte arrays. Knows sizes, not meanings.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bytes.h"
#include "reading.h"

struct MapHandle {
  std::string name;
  int fd = -1;
  uint32_t type = 0, keySize = 0, valueSize = 0, maxEntries = 0;
  /** Words of a per-CPU value that are merged by maximum; others are added. */
  std::vector<uint32_t> maxWords;
  /** The slots in front of it (struct hot of bpf/probe.h): a map of so many parts, each CPU its own. */
  struct Hot {
    int fd;
    uint32_t slots, parts, least;
  };
  std::optional<Hot> hot = {};
  /** Its entries are events that last (bpf/kept.h), and those of one key a row: bytes of that key in the value, and which words of the
   * row are sums with a sign. Words of a row that `maxWords` names are maxima, the age of the oldest event not among them. */
  struct Kept {
    uint32_t keySize;
    std::vector<uint32_t> signedWords;
  };
  std::optional<Kept> kept = {};
  /** Of a map that others laid out. Without it, values are words already. */
  std::optional<Reading> reading;
  /** In place of fd: opened for each read, so that we keep no map of another program alive. */
  uint32_t id = 0;
  /** In place of a map: gives each entry's key and value. */
  using Entries = std::function<void(const std::function<void(const uint8_t *, const uint8_t *)> &)>;
  Entries entries;
};

/** Bytes of a record, as TypeScript has it. */
struct RecordSize {
  uint32_t key, value;
};
RecordSize recordSize(const MapHandle &map);

struct Snapshot {
  uint32_t count = 0;
  /** Entries in the map: several may have become one record. */
  uint32_t entries = 0;
  /** Of kept events: additions that did not fit into a row's sum. */
  uint32_t wrapped = 0;
  Bytes keys, values;
  bool complete = true;
  /** By batch operations; else key by key, since they are not to be had. */
  bool batched = true;
};

/** Which words of a value are merged by maximum. */
std::vector<bool> maximaOf(const MapHandle &map);

/** Where entries are before they are put together: memory that serves from one read of a map to the next. */
struct Batch {
  Bytes keys, values;
};

/** @param reuse a snapshot nobody needs any more: its memory serves again. @throws Failure */
Snapshot readMap(const MapHandle &map, Batch &batch, Snapshot reuse = {});
/** Those of `keys` that the map has. @throws Failure */
Snapshot lookupKeys(const MapHandle &map, const std::vector<uint8_t> &keys);
