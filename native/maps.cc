#include "maps.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_set>

#include "cpus.h"
#include "errors.h"
#include "hot-keys.h"
#include "kept-rows.h"
#include "kernel-objects.h"
#include "recorder.h"
#include "words.h"

namespace {

constexpr uint32_t kBatch = 4096;  // from 512 up the size makes no difference; fewer calls see less churn
constexpr size_t kBatchBytes = 16 << 20;  // of values of a megabyte, or of a hundred CPUs

/** Each CPU has a value of its own. */
bool isPerCpu(uint32_t type) {
  return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE;
}

/** There are no batch operations for the map, or on this kernel; or (EINTR) a key after which it was to go on went too often. */
bool isForOneByOne(int error) { return error == EINVAL || error == ENOTSUP || error == kNotSupported || error == EOPNOTSUPP || error == EINTR; }

class Reader {
 public:
  Reader(const MapHandle &map, Batch &batch, Snapshot reuse) : map_(map), batch_(batch), snapshot_(std::move(reuse)) {
    // queues, ring buffers: the kernel has no keys for them, and would write past what has no room for one
    if (map.keySize == 0 || map.valueSize == 0) throw Failure("read map", map.name, EINVAL);
    clear();
    copies_ = isPerCpu(map.type) ? possibleCpus() : 1;
    words_ = (map.valueSize + 7) / 8;
    // the kernel rounds each CPU's copy up to 8 bytes, and a plain value not at all
    rawSize_ = isPerCpu(map.type) ? static_cast<size_t>(words_) * 8 * copies_ : map.valueSize;
    beginRecords();
    maximum_ = maximaOf(map);
    onlySums_ = std::find(maximum_.begin(), maximum_.end(), true) == maximum_.end();
  }

  Snapshot read() {
    const int error = readBatches();
    if (error == 0) return std::move(snapshot_);
    if (!isForOneByOne(error)) throw Failure("read map", map_.name, error);
    clear();
    beginRecords();
    snapshot_.batched = false;
    readOneByOne();
    return std::move(snapshot_);
  }

  Snapshot lookup(const std::vector<uint8_t> &keys) {
    std::vector<uint8_t> value(rawSize_);
    for (size_t at = 0; at + map_.keySize <= keys.size(); at += map_.keySize) {
      if (bpf_map_lookup_elem(map_.fd, &keys[at], value.data()) == 0) add(&keys[at], value.data(), 1);
      else if (errno != ENOENT) throw Failure("read map", map_.name, errno);
    }
    return std::move(snapshot_);
  }

 private:
  /** Keeps the memory. */
  void clear() {
    snapshot_.count = snapshot_.entries = snapshot_.wrapped = 0;
    snapshot_.complete = snapshot_.batched = true;
    snapshot_.keys.clear();
    snapshot_.values.clear();
  }
  void beginRecords() {
    if (map_.kept) kept_.emplace(map_);
    if (map_.reading) recorder_.emplace(map_, copies_, isPerCpu(map_.type) ? words_ * 8 : map_.valueSize);
  }

  int readBatches() {
    const size_t fitting = std::max<size_t>(kBatchBytes / (map_.keySize + rawSize_), 1);
    size_t size = std::min<size_t>({kBatch, fitting, std::max(map_.maxEntries, 1u)});
    const size_t most = 2 * std::max<size_t>(map_.maxEntries, kBatch);
    const bool direct = copies_ == 1 && rawSize_ == static_cast<size_t>(words_) * 8 && !recorder_ && !kept_;  // as the kernel has it: no copy in between
    Bytes &keys = direct ? snapshot_.keys : batch_.keys, &values = direct ? snapshot_.values : batch_.values;
    std::vector<uint8_t> position(std::max(map_.keySize, 8u)), next(position.size());
    for (bool first = true;; first = false) {
      uint32_t count;
      int error;
      const size_t known = direct ? snapshot_.count : 0;
      for (;;) {  // ENOSPC: a bucket has more entries than the batch
        keys.resize((known + size) * map_.keySize);
        values.resize((known + size) * rawSize_);
        count = static_cast<uint32_t>(size);
        error = bpf_map_lookup_batch(map_.fd, first ? nullptr : position.data(), next.data(), &keys[known * map_.keySize], &values[known * rawSize_], &count, nullptr) == 0 ? 0 : errno;
        if (error != ENOSPC || size >= most) break;
        size *= 2;
      }
      if (error != 0 && error != ENOENT) return error;
      if (direct) {
        snapshot_.count += count;
        keys.resize((known + count) * map_.keySize);
        values.resize((known + count) * rawSize_);
      } else {
        add(keys.data(), values.data(), count);
      }
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
      if (bpf_map_lookup_elem(map_.fd, key.data(), value.data()) == 0) add(key.data(), value.data(), 1);
      else if (errno != ENOENT) throw Failure("read map", map_.name, errno);  // else it has vanished
    }
    if (errno != ENOENT) throw Failure("read map", map_.name, errno);  // that is no empty map
  }

  /** Entries as the kernel gives them, one behind the other. */
  void add(const uint8_t *keys, const uint8_t *values, uint32_t count) {
    if (kept_) {
      for (size_t i = 0; i < count; i++) kept_->add(values + i * rawSize_, snapshot_);
      return;
    }
    if (recorder_) {
      for (size_t i = 0; i < count; i++) recorder_->add(keys + i * map_.keySize, values + i * rawSize_, snapshot_);
      return;
    }
    snapshot_.count += count;
    snapshot_.keys.append(keys, static_cast<size_t>(count) * map_.keySize);
    uint8_t *into = snapshot_.values.add(static_cast<size_t>(count) * words_ * 8);
    for (uint32_t i = 0; i < count; i++, values += rawSize_, into += static_cast<size_t>(words_) * 8) {
      if (copies_ > 1) {
        merge(values, into);
        continue;
      }
      memset(into + static_cast<size_t>(words_ - 1) * 8, 0, 8);
      memcpy(into, values, map_.valueSize);
    }
  }

  /** The CPUs' copies of a value, which lie one behind the other. */
  void merge(const uint8_t *values, uint8_t *into) const {
    for (uint32_t w = 0; w < words_; w++) {
      uint64_t result = wordAt(values, w);
      if (onlySums_ || !maximum_[w])
        for (uint32_t copy = 1; copy < copies_; copy++) result += wordAt(values, static_cast<size_t>(copy) * words_ + w);
      else
        for (uint32_t copy = 1; copy < copies_; copy++) result = std::max(result, wordAt(values, static_cast<size_t>(copy) * words_ + w));
      memcpy(into + static_cast<size_t>(w) * 8, &result, 8);
    }
  }

  const MapHandle &map_;
  uint32_t copies_, words_;
  size_t rawSize_;
  std::vector<bool> maximum_;
  bool onlySums_;
  std::optional<Recorder> recorder_;
  std::optional<KeptRows> kept_;
  Batch &batch_;
  Snapshot snapshot_;
};

/** A map of somebody else's is held by its number alone between two reads, so that it goes when its owner does. */
template <typename Use>
Snapshot withDescriptor(const MapHandle &map, Use use) {
  if (map.id == 0) return use(map);
  const auto [fd, info] = mapOf(map.id, map.name);
  MapHandle open = map;
  open.fd = fd.get();
  // the kernel gives numbers again: what it writes is as large as the map is now
  if (info.type != map.type || info.key_size != map.keySize || info.value_size != map.valueSize) throw Failure("read map", map.name, ENOENT);
  return use(open);
}

}  // namespace

std::vector<bool> maximaOf(const MapHandle &map) {
  std::vector<bool> maximum((map.valueSize + 7) / 8);
  for (uint32_t word : map.maxWords)
    if (word < maximum.size()) maximum[word] = true;
  return maximum;
}

Snapshot readMap(const MapHandle &map, Batch &batch, Snapshot reuse) {
  if (map.entries) {
    Snapshot snapshot;
    Recorder recorder(map, 1, map.valueSize);
    map.entries([&](const uint8_t *key, const uint8_t *value) { recorder.add(key, value, snapshot); });
    return snapshot;
  }
  if (map.hot) {
    const HotKeys hot(map, batch);
    Snapshot snapshot = Reader(map, batch, std::move(reuse)).read();
    hot.addTo(snapshot);
    return snapshot;
  }
  return withDescriptor(map, [&](const MapHandle &open) { return Reader(open, batch, std::move(reuse)).read(); });
}

Snapshot lookupKeys(const MapHandle &map, const std::vector<uint8_t> &keys) {
  if (map.entries) throw Failure("read map", map.name, EINVAL);  // no map of the kernel: there is nothing to look up
  Batch batch;
  std::optional<HotKeys> hot;
  if (map.hot) hot.emplace(map, batch);
  Snapshot snapshot = withDescriptor(map, [&](const MapHandle &open) { return Reader(open, batch, {}).lookup(keys); });
  if (hot) hot->addTo(snapshot);
  return snapshot;
}
