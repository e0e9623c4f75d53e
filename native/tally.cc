#include "tally.h"

#include <algorithm>
#include <cstring>

#include "words.h"

namespace {

/** Keys that come and go shift the kernel's order by a few places: these are looked at before an index is made. */
constexpr size_t kNear = 8;

/** Columns of the value alone make records without a key: then there is nothing here, and nothing to compare. */
const uint8_t *rowOf(const Bytes &rows, size_t row, size_t size) { return rows.data() + row * size; }

/** Keys are short: a call of memcmp takes longer than to compare them. */
bool isSame(const uint8_t *a, const uint8_t *b, size_t size) {
  for (; size >= 8; size -= 8, a += 8, b += 8)
    if (wordAt(a, 0) != wordAt(b, 0)) return false;
  return size == 0 || memcmp(a, b, size) == 0;
}

uint64_t hashOf(const uint8_t *key, uint32_t size) {
  uint64_t hash = 0x9e3779b97f4a7c15ull ^ size;
  uint32_t at = 0;
  for (; at + 8 <= size; at += 8) {
    hash = (hash ^ wordAt(key + at, 0)) * 0xff51afd7ed558ccdull;
    hash ^= hash >> 32;
  }
  for (; at < size; at++) hash = (hash ^ key[at]) * 0x100000001b3ull;
  return hash ^ hash >> 29;
}

/** Whether a sum is past its end again: right as long as it did not grow by 2^64 (signed: 2^63) in between. */
bool isPast(const uint8_t *value, const uint8_t *before, const SumWord &sum) {
  const uint64_t is = wordAt(value, sum.word), was = wordAt(before, sum.word), grown = is - was;
  return sum.isSigned ? ((was ^ is) & (grown ^ is)) >> 63 != 0 : is < was;
}

bool containsIgnoringCase(const char *text, size_t length, const std::string &wanted) {
  const auto lower = [](unsigned char c) { return c >= 'A' && c <= 'Z' ? static_cast<unsigned char>(c + 32) : c; };
  return std::search(text, text + length, wanted.begin(), wanted.end(), [&](unsigned char a, unsigned char b) { return lower(a) == b; }) != text + length;
}

bool passes(const uint8_t *key, const uint8_t *value, const Filter &filter) {
  for (const Filter::Field &field : filter.fields) {
    const uint8_t *at = (field.ofValue ? value : key) + field.offset;
    if (field.text) {
      if (containsIgnoringCase(reinterpret_cast<const char *>(at), strnlen(reinterpret_cast<const char *>(at), field.size), filter.text)) return true;
    } else {
      const uint64_t v = integerAt(at, field.size, field.isSigned);
      const std::string decimal = field.isSigned ? std::to_string(static_cast<int64_t>(v)) : std::to_string(v);
      if (containsIgnoringCase(decimal.data(), decimal.size(), filter.text)) return true;
    }
  }
  return false;
}

}  // namespace

bool isWithin(const Query &query, const RecordSize &record) {
  const uint64_t words = record.value / 8;
  const auto isKey = [&](uint64_t offset, uint64_t size) { return offset + size <= record.key; };
  const Order &order = query.order;
  const bool ofKey = order.by == Order::By::text || order.by == Order::By::integer || order.by == Order::By::signedInteger;
  return words > 0 && order.word < words && static_cast<uint64_t>(order.word) + order.slots <= words && (!ofKey || isKey(order.offset, order.size)) &&
         std::all_of(query.sums.begin(), query.sums.end(), [&](const SumWord &sum) { return sum.word < words; }) &&
         std::all_of(query.filter.fields.begin(), query.filter.fields.end(), [&](const Filter::Field &field) {
           return field.ofValue ? static_cast<uint64_t>(field.offset) + field.size <= record.value : isKey(field.offset, field.size);
         });
}

Sample Tally::take(Snapshot now, uint32_t keySize, uint32_t valueSize, const Query &query, bool gauges) {
  gauges_ = gauges;
  keySize_ = keySize;
  valueSize_ = (valueSize + 7) / 8 * 8;
  zeros_.resize(valueSize_);
  Sample sample;
  sample.count = std::max(now.entries, now.count);
  sample.complete = now.complete;
  sample.wrapped = now.wrapped;
  earlier_.resize(now.count);
  std::vector<uint64_t> serials = std::move(spareSerials_);
  serials.resize(now.count);
  const bool isFiltered = !query.filter.text.empty(), all = !isFiltered && query.limit >= now.count;
  TopRows first(query.order, query.limit, now.keys.data(), keySize_);
  std::vector<uint32_t> chosen;
  chosen.reserve(std::min(query.limit, now.count));
  size_t expected = 0;
  for (uint32_t row = 0; row < now.count; row++) {
    const uint8_t *key = rowOf(now.keys, row, keySize_), *value = rowOf(now.values, row, valueSize_);
    const int64_t found = find(key, expected);
    earlier_[row] = static_cast<int32_t>(found);
    serials[row] = found < 0 ? nextSerial_++ : serials_[found];
    if (found >= 0) expected = found + 1;
    const uint8_t *before = beforeOf(found, value);
    const uint64_t count = wordAt(value, 0), grown = count - wordAt(before, 0);
    if (grown != 0 && !query.sums.empty()) {
      sample.counted += grown;
      sample.wrapped += std::any_of(query.sums.begin(), query.sums.end(), [&](const SumWord &sum) { return isPast(value, before, sum); });
    }
    if (isFiltered && !passes(key, value, query.filter)) continue;
    sample.matching++;
    sample.total += count;
    sample.delta += grown;
    if (query.changed && before != zeros_.data() && isSame(value, before, valueSize_)) continue;
    if (all) chosen.push_back(row);
    else first.offer(row, value, before);
  }
  if (!all) chosen = first.take();
  sample.serials.reserve(chosen.size());
  for (const uint32_t row : chosen) sample.serials.push_back(serials[row]);
  copy(now, chosen, sample);
  spare_ = std::move(before_);
  before_ = std::move(now);
  spareSerials_ = std::move(serials_);
  serials_ = std::move(serials);
  table_ = {};
  return sample;
}

void Tally::copy(const Snapshot &now, const std::vector<uint32_t> &chosen, Sample &sample) const {
  sample.changes.reserve(chosen.size());
  for (const uint32_t row : chosen) {
    const uint8_t *value = rowOf(now.values, row, valueSize_), *before = beforeOf(earlier_[row], value);
    sample.changes.push_back(before == zeros_.data() ? Change::isNew : isSame(value, before, valueSize_) ? Change::none : Change::counted);
    sample.keys.append(rowOf(now.keys, row, keySize_), keySize_);
    sample.values.append(value, valueSize_);
    sample.before.append(before, valueSize_);
  }
}

/** What the row had before: zeros for a new key, and for one that an LRU map had dropped in between. */
const uint8_t *Tally::beforeOf(int64_t earlier, const uint8_t *value) const {
  if (earlier < 0) return zeros_.data();
  const uint8_t *before = rowOf(before_.values, earlier, valueSize_);
  return !gauges_ && wordAt(value, 0) < wordAt(before, 0) ? zeros_.data() : before;
}

/** Row of before_ that has the key, or -1. The kernel walks a map in the same order again, so that it is mostly `expected`. */
int64_t Tally::find(const uint8_t *key, size_t expected) {
  const size_t end = std::min<size_t>(expected + kNear, before_.count);
  for (size_t row = expected; row < end; row++)
    if (isSame(rowOf(before_.keys, row, keySize_), key, keySize_)) return static_cast<int64_t>(row);
  if (before_.count == 0) return -1;
  if (table_.empty()) index();
  const size_t mask = table_.size() - 1;
  for (size_t at = hashOf(key, keySize_) & mask; table_[at] != 0; at = (at + 1) & mask)
    if (isSame(rowOf(before_.keys, table_[at] - 1, keySize_), key, keySize_)) return table_[at] - 1;
  return -1;
}

void Tally::index() {
  size_t size = 16;
  while (size < 2ull * before_.count) size *= 2;
  table_.assign(size, 0);
  for (uint32_t row = 0; row < before_.count; row++) {
    size_t at = hashOf(rowOf(before_.keys, row, keySize_), keySize_) & (size - 1);
    while (table_[at] != 0) at = (at + 1) & (size - 1);
    table_[at] = row + 1;
  }
}
