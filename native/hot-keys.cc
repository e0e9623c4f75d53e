#include "hot-keys.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cpus.h"
#include "errors.h"
#include "words.h"

namespace {

constexpr size_t kHead = 16, kReady = 8;  // struct hot

}  // namespace

HotKeys::HotKeys(const MapHandle &map, Batch &batch)
    : keySize_(map.keySize), words_(map.valueSize / 8), least_(map.hot->least), maximum_(maximaOf(map)) {
  const size_t bytes = kHead + map.valueSize + map.keySize, part = possibleCpus() * map.hot->slots * bytes;
  Bytes &slots = batch.values;
  slots.resize(part);
  const auto read = [&](uint32_t i) {
    if (bpf_map_lookup_elem(map.hot->fd, &i, slots.data()) != 0) throw Failure("read map", map.name, errno);
  };
  table_.assign(16, 0);
  std::vector<uint32_t> ready;
  for (uint32_t i = 0; i < map.hot->parts; i++) {
    read(i);
    ready.clear();
    for (size_t at = 0; at < part; at += bytes)
      if (wordAt(&slots[at + kReady], 0) != 0) ready.push_back(at);
    if (ready.empty()) continue;
    // again: a key that is whole at the first time is seen whole at the second, on processors that show stores out of order too
    read(i);
    for (const uint32_t at : ready) add(&slots[at + kHead]);
  }
}

void HotKeys::add(const uint8_t *value) {
  const uint8_t *key = value + words_ * 8;
  if (table_.size() < 2 * (count_ + 1)) {
    table_.assign(2 * table_.size(), 0);
    for (uint32_t i = 0; i < count_; i++) placeOf(&keys_[static_cast<size_t>(i) * keySize_]) = i + 1;
  }
  uint32_t &place = placeOf(key);
  if (place == 0) {
    place = ++count_;
    keys_.insert(keys_.end(), key, key + keySize_);
    values_.resize(values_.size() + words_ * 8);
  }
  merge(value, &values_[static_cast<size_t>(place - 1) * words_ * 8]);
}

void HotKeys::addTo(Snapshot &snapshot) const {
  std::vector<bool> added(count_);
  uint32_t left = count_;
  for (uint32_t row = 0; row < snapshot.count && left > 0; row++) {
    uint8_t *value = &snapshot.values[static_cast<size_t>(row) * words_ * 8];
    if (wordAt(value, 0) < least_) continue;
    const uint32_t place = table_[positionOf(&snapshot.keys[static_cast<size_t>(row) * keySize_])];
    if (place == 0) continue;
    merge(&values_[(place - 1) * words_ * 8], value);
    added[place - 1] = true;
    left--;
  }
  if (snapshot.complete) return;  // else the walk did not come to all rows
  for (uint32_t i = 0; i < count_; i++) {
    if (added[i]) continue;
    snapshot.count++;
    snapshot.keys.append(&keys_[static_cast<size_t>(i) * keySize_], keySize_);
    snapshot.values.append(&values_[static_cast<size_t>(i) * words_ * 8], words_ * 8);
  }
}

size_t HotKeys::positionOf(const uint8_t *key) const {
  uint64_t hash = keySize_;
  for (uint32_t at = 0; at < keySize_; at += 8) hash = (hash ^ wordAt(key + at, 0)) * 0xff51afd7ed558ccdull, hash ^= hash >> 32;
  const size_t mask = table_.size() - 1;
  size_t at = hash & mask;
  while (table_[at] != 0 && memcmp(&keys_[static_cast<size_t>(table_[at] - 1) * keySize_], key, keySize_) != 0) at = (at + 1) & mask;
  return at;
}

void HotKeys::merge(const uint8_t *from, uint8_t *to) const {
  for (uint32_t w = 0; w < words_; w++) {
    const uint64_t a = wordAt(from, w), b = wordAt(to, w), sum = maximum_[w] ? std::max(a, b) : a + b;
    memcpy(to + 8 * w, &sum, 8);
  }
}
