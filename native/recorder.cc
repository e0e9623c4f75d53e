#include "recorder.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "errors.h"

namespace {

/** A text gets two bytes more than it can have, so that its last one is 0, and one that fills it is not taken for cut. */
uint32_t partSize(const Part &part) { return part.text ? (part.bits / 8 + 2 + 7) / 8 * 8 : 8; }

uint32_t sizeOf(const std::vector<Part> &parts) {
  uint32_t size = 0;
  for (const Part &part : parts) size += partSize(part);
  return size;
}

/** Little-endian, of any width up to 64 bits. */
uint64_t integer(const uint8_t *bytes, const Part &part) {
  const uint32_t shift = part.bitOffset % 8;
  uint64_t low = 0;
  const uint32_t length = (shift + part.bits + 7) / 8;
  memcpy(&low, bytes + part.bitOffset / 8, std::min(length, 8u));
  uint64_t result = low >> shift;
  if (length > 8) result |= static_cast<uint64_t>(bytes[part.bitOffset / 8 + 8]) << (64 - shift);
  if (part.bits == 64) return result;
  const uint64_t mask = (1ull << part.bits) - 1;
  result &= mask;
  return part.isSigned && (result >> (part.bits - 1)) != 0 ? result | ~mask : result;
}

void copyText(const uint8_t *bytes, const Part &part, uint8_t *into) {
  const char *text = reinterpret_cast<const char *>(bytes + part.bitOffset / 8);
  memcpy(into, text, strnlen(text, part.bits / 8));
}

bool isZero(const uint8_t *bytes, size_t size) {
  return std::all_of(bytes, bytes + size, [](uint8_t byte) { return byte == 0; });
}

void check(const std::vector<Part> &parts, uint32_t size, const MapHandle &map) {
  for (const Part &part : parts)
    if (part.bits == 0 || (!part.text && part.bits > 64) || static_cast<uint64_t>(part.bitOffset) + part.bits > 8ull * size)
      throw Failure("read map", map.name, EINVAL);
}

void addWord(uint8_t *word, uint64_t value, bool maximum, bool isSigned) {
  uint64_t before;
  memcpy(&before, word, 8);
  if (!maximum) value += before;
  else if (isSigned ? static_cast<int64_t>(value) < static_cast<int64_t>(before) : value < before) return;
  memcpy(word, &value, 8);
}

}  // namespace

RecordSize recordSize(const MapHandle &map) {
  if (map.kept) return {map.kept->keySize, map.valueSize - map.kept->keySize + 8};  // the count comes to it
  if (!map.reading) return {map.keySize, (map.valueSize + 7) / 8 * 8};
  const Reading &reading = *map.reading;
  const uint32_t words = reading.words.size() + (reading.sumSlots ? 1 : 0) + (reading.bucket ? reading.slots : 0);
  return {sizeOf(reading.key), words * 8 + sizeOf(reading.labels)};
}

Recorder::Recorder(const MapHandle &map, uint32_t copies, size_t stride)
    : reading_(*map.reading), copies_(copies), stride_(stride), size_(recordSize(map)), key_(size_.key) {
  check(reading_.key, map.keySize, map);
  check(reading_.words, map.valueSize, map);
  check(reading_.labels, map.valueSize, map);
  if (reading_.bucket) check({*reading_.bucket}, map.keySize, map);
}

void Recorder::add(const uint8_t *key, const uint8_t *value, Snapshot &snapshot) {
  if (reading_.skipZero && isZero(value, copies_ == 1 ? stride_ : stride_ * copies_)) return;
  snapshot.entries++;
  std::fill(key_.begin(), key_.end(), 0);
  uint8_t *into = key_.data();
  for (const Part &part : reading_.key) {
    const uint64_t number = part.text ? 0 : integer(key, part);
    if (part.text) copyText(key, part, into);
    else memcpy(into, &number, 8);
    into += partSize(part);
  }
  uint32_t row = snapshot.count;
  if (reading_.grouped) row = rows_.try_emplace(std::string(reinterpret_cast<char *>(key_.data()), key_.size()), row).first->second;
  const bool isNew = row == snapshot.count;
  if (isNew) {
    snapshot.count++;
    snapshot.keys.append(key_.data(), key_.size());
    if (size_.value > 0) memset(snapshot.values.add(size_.value), 0, size_.value);
  }
  count(key, value, &snapshot.values[static_cast<size_t>(row) * size_.value], isNew);
}

void Recorder::count(const uint8_t *key, const uint8_t *value, uint8_t *record, bool isNew) const {
  uint8_t *sum = record, *at = record + (reading_.sumSlots ? 8 : 0);
  uint64_t first = 0, inSlots = 0;
  for (uint32_t w = 0; w < reading_.words.size(); w++, at += 8) {
    const Part &part = reading_.words[w];
    const uint64_t word = merged(value, part);
    if (w == 0) first = word;
    if (w >= reading_.firstSlot) inSlots += word;
    if (isNew) memcpy(at, &word, 8);
    else addWord(at, word, part.maximum, part.isSigned);
  }
  if (reading_.bucket) {
    const uint64_t bucket = integer(key, *reading_.bucket);
    if (bucket < reading_.slots) addWord(at + bucket * 8, first, false, false);
    at += static_cast<size_t>(reading_.slots) * 8;
  }
  if (reading_.sumSlots) addWord(sum, inSlots, false, false);
  for (const Part &part : reading_.labels) {
    const uint32_t size = partSize(part);
    if (isZero(at, size)) label(value, part, at);
    at += size;
  }
}

uint64_t Recorder::merged(const uint8_t *value, const Part &part) const {
  uint64_t result = integer(value, part);
  for (uint32_t copy = 1; copy < copies_; copy++) addWord(reinterpret_cast<uint8_t *>(&result), integer(value + copy * stride_, part), part.maximum, part.isSigned);
  return result;
}

/** Of several CPUs' values, the first that has one. */
void Recorder::label(const uint8_t *value, const Part &part, uint8_t *into) const {
  for (uint32_t copy = 0; copy < copies_ && isZero(into, partSize(part)); copy++) {
    const uint8_t *from = value + copy * stride_;
    const uint64_t number = part.text ? 0 : integer(from, part);
    if (part.text) copyText(from, part, into);
    else memcpy(into, &number, 8);
  }
}
