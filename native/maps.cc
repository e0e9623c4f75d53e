#include "maps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <unordered_set>

#include "errors.h"
#include "hot-keys.h"
#include "recorder.h"

namespace {

constexpr uint32_t kBatch = 4096;  // from 512 up the size makes no difference; fewer calls see less churn
constexpr size_t kBatchBytes = 16 << 20;  // of values of a megabyte, or of a hundred CPUs

class Reader {
 public:
  Reader(const MapHandle &map, Snapshot reuse) : map_(map), snapshot_(std::move(reuse)) {
    clear();
    const bool percpu = map.type == BPF_MAP_TYPE_PERCPU_HASH || map.type == BPF_MAP_TYPE_LRU_PERCPU_HASH || map.type == BPF_MAP_TYPE_PERCPU_ARRAY;
    copies_ = percpu ? libbpf_num_possible_cpus() : 1;
    words_ = (map.valueSize + 7) / 8;
    // the kernel rounds each CPU's copy up to 8 bytes, and a plain value not at all
    rawSize_ = percpu ? words_ * 8 * copies_ : map.valueSize;
    if (map.reading) recorder_.emplace(map, copies_, percpu ? words_ * 8 : map.valueSize);
    maximum_ = maximaOf(map);
  }

  Snapshot read() {
    const int error = readBatches();
    if (error == 0) return std::move(snapshot_);
    // no batch operations for this map or on this kernel
    if (error != EINVAL && error != ENOTSUP && error != 524 && error != EOPNOTSUPP) throw Failure("read map", map_.name, error);
    clear();
    if (map_.reading) recorder_.emplace(map_, copies_, copies_ == 1 ? map_.valueSize : words_ * 8);
    snapshot_.batched = false;
    readOneByOne();
    return std::move(snapshot_);
  }

  Snapshot lookup(const std::vector<uint8_t> &keys) {
    std::vector<uint8_t> value(rawSize_);
    for (size_t at = 0; at + map_.keySize <= keys.size(); at += map_.keySize) {
      if (bpf_map_lookup_elem(map_.fd, &keys[at], value.data()) == 0) add(&keys[at], value.data());
      else if (errno != ENOENT) throw Failure("read map", map_.name, errno);
    }
    return std::move(snapshot_);
  }

 private:
  /** Keeps the memory. */
  void clear() {
    snapshot_.count = snapshot_.entries = 0;
    snapshot_.complete = snapshot_.batched = true;
    snapshot_.keys.clear();
    snapshot_.values.clear();
  }

  int readBatches() {
    const size_t fitting = std::max<size_t>(kBatchBytes / (map_.keySize + rawSize_), 1);
    uint32_t size = std::min<size_t>({kBatch, fitting, std::max(map_.maxEntries, 1u)});
    const bool direct = copies_ == 1 && rawSize_ == words_ * 8 && !recorder_;  // as the kernel has it: no copy in between
    std::vector<uint8_t> keys, values;
    std::vector<uint8_t> position(std::max(map_.keySize, 8u)), next(position.size());
    for (bool first = true;; first = false) {
      uint32_t count;
      int error;
      const size_t known = direct ? snapshot_.count : 0;
      std::vector<uint8_t> &keysInto = direct ? snapshot_.keys : keys, &valuesInto = direct ? snapshot_.values : values;
      for (;;) {  // ENOSPC: a bucket has more entries than the batch
        keysInto.resize((known + size) * map_.keySize);
        valuesInto.resize((known + size) * rawSize_);
        count = size;
        error = bpf_map_lookup_batch(map_.fd, first ? nullptr : position.data(), next.data(), &keysInto[known * map_.keySize], &valuesInto[known * rawSize_], &count, nullptr) == 0 ? 0 : errno;
        if (error != ENOSPC) break;
        size *= 2;
      }
      if (error != 0 && error != ENOENT) count = 0;
      if (direct) {
        snapshot_.count += count;
        snapshot_.keys.resize((known + count) * map_.keySize);
        snapshot_.values.resize((known + count) * rawSize_);
      } else {
        for (uint32_t i = 0; i < count; i++) add(&keys[static_cast<size_t>(i) * map_.keySize], &values[static_cast<size_t>(i) * rawSize_]);
      }
      if (error != 0 && error != ENOENT) return error;
      if (error == ENOENT) return 0;
      position.swap(next);
    }
  }

  /** Restarts when a key vanishes under it, so that keys may come twice: the first is kept. */
  void readOneByOne() {
    std::unordered_set<std::string> seen;
    std::vector<uint8_t> key(map_.keySize), next(map_.keySize), value(rawSize_);
    const uint64_t most = 4ull * map_.maxEntries + 64;
    bool first = true;
    for (uint64_t steps = 0; bpf_map_get_next_key(map_.fd, first ? nullptr : key.data(), next.data()) == 0; steps++) {
      if (steps > most) {
        snapshot_.complete = false;
        return;
      }
      first = false;
      key = next;
      if (!seen.emplace(reinterpret_cast<char *>(key.data()), key.size()).second) continue;
      if (bpf_map_lookup_elem(map_.fd, key.data(), value.data()) == 0) add(key.data(), value.data());  // else it has vanished
    }
  }

  void add(const uint8_t *key, const uint8_t *value) {
    if (recorder_) return recorder_->add(key, value, snapshot_);
    snapshot_.count++;
    snapshot_.keys.insert(snapshot_.keys.end(), key, key + map_.keySize);
    const size_t at = snapshot_.values.size();
    snapshot_.values.resize(at + words_ * 8);
    uint8_t *merged = &snapshot_.values[at];
    if (copies_ == 1) {
      memcpy(merged, value, map_.valueSize);
      return;
    }
    for (uint32_t w = 0; w < words_; w++) {
      uint64_t result = 0;
      for (uint32_t copy = 0; copy < copies_; copy++) {
        uint64_t word;
        memcpy(&word, value + (static_cast<size_t>(copy) * words_ + w) * 8, 8);
        result = maximum_[w] ? std::max(result, word) : result + word;
      }
      memcpy(merged + static_cast<size_t>(w) * 8, &result, 8);
    }
  }

  const MapHandle &map_;
  uint32_t copies_, words_;
  size_t rawSize_;
  std::vector<bool> maximum_;
  std::optional<Recorder> recorder_;
  Snapshot snapshot_;
};

/** A map of somebody else's is held by its number alone between two reads, so that it goes when its owner does. */
template <typename Use>
Snapshot withDescriptor(const MapHandle &map, Use use) {
  if (map.id == 0) return use(map);
  MapHandle open = map;
  open.fd = bpf_map_get_fd_by_id(map.id);
  if (open.fd < 0) throw Failure("read map", map.name, errno);
  const std::unique_ptr<int, void (*)(int *)> closes(&open.fd, [](int *fd) { close(*fd); });
  return use(open);
}

}  // namespace

std::vector<bool> maximaOf(const MapHandle &map) {
  std::vector<bool> maximum((map.valueSize + 7) / 8);
  for (uint32_t word : map.maxWords)
    if (word < maximum.size()) maximum[word] = true;
  return maximum;
}

Snapshot readMap(const MapHandle &map, Snapshot reuse) {
  if (map.entries) {
    Snapshot snapshot;
    Recorder recorder(map, 1, map.valueSize);
    map.entries([&](const uint8_t *key, const uint8_t *value) { recorder.add(key, value, snapshot); });
    return snapshot;
  }
  if (map.hot) {
    const HotKeys hot(map);
    Snapshot snapshot = Reader(map, std::move(reuse)).read();
    hot.addTo(snapshot);
    return snapshot;
  }
  return withDescriptor(map, [&](const MapHandle &open) { return Reader(open, std::move(reuse)).read(); });
}

Snapshot lookupKeys(const MapHandle &map, const std::vector<uint8_t> &keys) {
  if (map.entries) throw Failure("read map", map.name, EINVAL);  // no map of the kernel: there is nothing to look up
  std::optional<HotKeys> hot;
  if (map.hot) hot.emplace(map);
  Snapshot snapshot = withDescriptor(map, [&](const MapHandle &open) { return Reader(open, {}).lookup(keys); });
  if (hot) hot->addTo(snapshot);
  return snapshot;
}
