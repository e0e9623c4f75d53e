#include "kept-rows.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "errors.h"
#include "kernel-time.h"
#include "words.h"

namespace {

/** How many there are, and how long the oldest has been there. */
constexpr uint32_t kOwnWords = 2;

}  // namespace

KeptRows::KeptRows(const MapHandle &map) : kept_(*map.kept), size_(recordSize(map)), maximum_(size_.value / 8), signed_(size_.value / 8), table_(64), now_(kernelTime()) {
  if (kept_.keySize % 8 != 0 || map.valueSize % 8 != 0 || map.valueSize < kept_.keySize + 8) throw Failure("read map", map.name, EINVAL);
  for (const uint32_t word : map.maxWords)
    if (word < maximum_.size()) maximum_[word] = true;
  for (const uint32_t word : kept_.signedWords)
    if (word < signed_.size()) signed_[word] = true;
}

void KeptRows::add(const uint8_t *value, Snapshot &snapshot) {
  snapshot.entries++;
  const uint8_t *behind = value + kept_.keySize;
  const uint64_t began = wordAt(behind, 0), age = began < now_ ? now_ - began : 0;
  uint8_t *row = &snapshot.values[static_cast<size_t>(rowOf(value, snapshot)) * size_.value];
  const uint64_t own[kOwnWords] = {wordAt(row, 0) + 1, std::max(wordAt(row, 1), age)};
  memcpy(row, own, sizeof own);
  for (uint32_t w = kOwnWords; w < size_.value / 8; w++) {
    const uint64_t is = wordAt(row, w), more = wordAt(behind, w - kOwnWords + 1), sum = maximum_[w] ? std::max(is, more) : is + more;
    const bool past = signed_[w] ? ((is ^ sum) & (more ^ sum)) >> 63 != 0 : sum < is;
    if (!maximum_[w] && past) snapshot.wrapped++;
    memcpy(row + 8 * w, &sum, 8);
  }
}

uint32_t KeptRows::rowOf(const uint8_t *key, Snapshot &snapshot) {
  if (table_.size() < 2 * (snapshot.count + 1ull)) {
    table_.assign(2 * table_.size(), 0);
    for (uint32_t row = 0; row < snapshot.count; row++) placeOf(&snapshot.keys[static_cast<size_t>(row) * size_.key], snapshot) = row + 1;
  }
  uint32_t &place = placeOf(key, snapshot);
  if (place == 0) {
    place = ++snapshot.count;
    snapshot.keys.append(key, size_.key);
    memset(snapshot.values.add(size_.value), 0, size_.value);
  }
  return place - 1;
}

uint32_t &KeptRows::placeOf(const uint8_t *key, const Snapshot &snapshot) {
  uint64_t hash = size_.key;
  for (uint32_t at = 0; at < size_.key; at += 8) hash = (hash ^ wordAt(key + at, 0)) * 0xff51afd7ed558ccdull, hash ^= hash >> 32;
  const size_t mask = table_.size() - 1;
  size_t at = hash & mask;
  while (table_[at] != 0 && memcmp(&snapshot.keys[static_cast<size_t>(table_[at] - 1) * size_.key], key, size_.key) != 0) at = (at + 1) & mask;
  return table_[at];
}
