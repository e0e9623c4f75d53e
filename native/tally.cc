#include "tally.h"

#include <algorithm>
#include <cstring>

namespace {

constexpr uint64_t kSign = 1ull << 63;
/** Keys that come and go shift the kernel's order by a few places: these are looked at before an index is made. */
constexpr size_t kNear = 8;

/** Columns of the value alone make records without a key: then there is nothing here, and nothing to compare. */
const uint8_t *rowOf(const std::vector<uint8_t> &rows, size_t row, size_t size) { return rows.data() + row * size; }

bool isSame(const uint8_t *a, const uint8_t *b, size_t size) { return size == 0 || memcmp(a, b, size) == 0; }

uint64_t wordAt(const uint8_t *value, uint32_t word) {
  uint64_t v;
  memcpy(&v, value + 8ull * word, 8);
  return v;
}

uint64_t hashOf(const uint8_t *key, uint32_t size) {
  uint64_t hash = 0x9e3779b97f4a7c15ull ^ size;
  uint32_t at = 0;
  for (; at + 8 <= size; at += 8) {
    uint64_t v;
    memcpy(&v, key + at, 8);
    hash = (hash ^ v) * 0xff51afd7ed558ccdull;
    hash ^= hash >> 32;
  }
  for (; at < size; at++) hash = (hash ^ key[at]) * 0x100000001b3ull;
  return hash ^ hash >> 29;
}

/** Doubles in the order of unsigned integers. */
uint64_t sortable(double number) {
  uint64_t bits;
  memcpy(&bits, &number, 8);
  return bits & kSign ? ~bits : bits | kSign;
}

uint64_t integerAt(const uint8_t *at, uint32_t size, bool isSigned) {
  uint64_t v = 0;
  memcpy(&v, at, std::min(size, 8u));
  if (isSigned && size < 8 && size > 0) {
    const unsigned shift = 64 - 8 * size;
    v = static_cast<uint64_t>(static_cast<int64_t>(v << shift) >> shift);
  }
  return v;
}

/** The first slot up to which a share of all counts lies; 0 when nothing was counted, else one more. */
uint64_t slotOf(const uint8_t *value, const Order &order) {
  uint64_t sum = 0, seen = 0;
  for (uint32_t slot = 0; slot < order.slots; slot++) sum += wordAt(value, order.word + slot);
  if (sum == 0) return 0;
  const double rank = order.share * static_cast<double>(sum);
  for (uint32_t slot = 0; slot < order.slots; slot++) {
    seen += wordAt(value, order.word + slot);
    if (static_cast<double>(seen) >= rank) return slot + 1;
  }
  return order.slots;
}

/** A row's place in the order, as an unsigned integer; texts are compared apart. */
uint64_t rankOf(const uint8_t *key, const uint8_t *value, const uint8_t *before, const Order &order) {
  const uint64_t v = order.by == Order::By::text || order.by == Order::By::none ? 0 : wordAt(value, order.word);
  switch (order.by) {
    case Order::By::none:
    case Order::By::text:
      return 0;
    case Order::By::word:
      return v;
    case Order::By::signedWord:
      return v ^ kSign;
    case Order::By::complement:
      return ~v;
    case Order::By::delta:
      return (v - wordAt(before, order.word)) ^ kSign;
    case Order::By::average:
      return sortable(static_cast<double>(v) / static_cast<double>(wordAt(value, 0)));
    case Order::By::averageSigned:
      return sortable(static_cast<double>(static_cast<int64_t>(v)) / static_cast<double>(wordAt(value, 0)));
    case Order::By::share:
      return slotOf(value, order);
    case Order::By::integer:
      return integerAt(key + order.offset, order.size, false);
    case Order::By::signedInteger:
      return integerAt(key + order.offset, order.size, true) ^ kSign;
  }
  return 0;
}

bool containsIgnoringCase(const char *text, size_t length, const std::string &wanted) {
  const auto lower = [](unsigned char c) { return c >= 'A' && c <= 'Z' ? static_cast<unsigned char>(c + 32) : c; };
  return std::search(text, text + length, wanted.begin(), wanted.end(), [&](unsigned char a, unsigned char b) { return lower(a) == b; }) != text + length;
}

}  // namespace

Sample Tally::take(Snapshot now, uint32_t keySize, uint32_t valueSize, const Query &query, bool gauges) {
  gauges_ = gauges;
  keySize_ = keySize;
  valueSize_ = (valueSize + 7) / 8 * 8;
  zeros_.resize(valueSize_);
  table_.clear();
  Sample sample;
  sample.count = std::max(now.entries, now.count);
  sample.complete = now.complete;
  // where each row was before, and its serial
  std::vector<int32_t> earlier(now.count);
  std::vector<uint32_t> serials(now.count);
  size_t expected = 0;
  for (uint32_t row = 0; row < now.count; row++) {
    const int64_t found = find(rowOf(now.keys, row, keySize_), expected);
    earlier[row] = static_cast<int32_t>(found);
    serials[row] = found < 0 ? nextSerial_++ : serials_[found];
    if (found >= 0) expected = found + 1;
  }
  if (!query.sums.empty()) watchSums(now, earlier, query.sums, sample);
  const std::vector<uint32_t> chosen = select(now, earlier, query, sample);
  sample.serials.reserve(chosen.size());
  sample.changes.reserve(chosen.size());
  sample.keys.resize(chosen.size() * keySize_);
  sample.values.resize(chosen.size() * valueSize_);
  sample.before.resize(chosen.size() * valueSize_);
  for (size_t i = 0; i < chosen.size(); i++) {
    const uint32_t row = chosen[i];
    const uint8_t *value = rowOf(now.values, row, valueSize_);
    const uint8_t *before = beforeOf(earlier, row, value);
    sample.serials.push_back(serials[row]);
    sample.changes.push_back(before == zeros_.data() ? Change::isNew : memcmp(value, before, valueSize_) == 0 ? Change::none : Change::counted);
    std::copy_n(rowOf(now.keys, row, keySize_), keySize_, sample.keys.data() + i * keySize_);
    std::copy_n(value, valueSize_, sample.values.data() + i * valueSize_);
    std::copy_n(before, valueSize_, sample.before.data() + i * valueSize_);
  }
  spare_ = std::move(before_);
  before_ = std::move(now);
  serials_ = std::move(serials);
  table_ = {};
  return sample;
}

/** A sum that is past its end again: right as long as none grew by 2^64 (signed: 2^63) in between. */
void Tally::watchSums(const Snapshot &now, const std::vector<int32_t> &earlier, const std::vector<SumWord> &sums, Sample &sample) const {
  for (uint32_t row = 0; row < now.count; row++) {
    const uint8_t *value = &now.values[static_cast<size_t>(row) * valueSize_];
    const uint8_t *before = beforeOf(earlier, row, value);
    const uint64_t counted = wordAt(value, 0) - wordAt(before, 0);
    if (counted == 0) continue;
    sample.counted += counted;
    for (const SumWord &sum : sums) {
      const uint64_t is = wordAt(value, sum.word), was = wordAt(before, sum.word), grown = is - was;
      if (!(sum.isSigned ? ((was ^ is) & (grown ^ is)) >> 63 != 0 : is < was)) continue;
      sample.wrapped++;
      break;
    }
  }
}

/** What the row had before: zeros for a new key, and for one that an LRU map had dropped in between. */
const uint8_t *Tally::beforeOf(const std::vector<int32_t> &earlier, uint32_t row, const uint8_t *value) const {
  if (earlier[row] < 0) return zeros_.data();
  const uint8_t *before = rowOf(before_.values, earlier[row], valueSize_);
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

/** Sums up the rows that pass, and gives at most `limit` of them: the first in the order, in no order of their own. */
std::vector<uint32_t> Tally::select(const Snapshot &now, const std::vector<int32_t> &earlier, const Query &query, Sample &sample) const {
  struct Ranked {
    uint64_t rank, count;
    uint32_t row;
  };
  const Order &order = query.order;
  const auto keyOf = [&](uint32_t row) { return rowOf(now.keys, row, keySize_); };
  const bool all = query.filter.text.empty() && query.limit >= now.count;
  std::vector<Ranked> ranked;
  std::vector<uint32_t> chosen;
  if (all) chosen.reserve(now.count);
  else ranked.reserve(query.filter.text.empty() ? now.count : 0);
  for (uint32_t row = 0; row < now.count; row++) {
    if (!query.filter.text.empty() && !passes(keyOf(row), rowOf(now.values, row, valueSize_), query.filter)) continue;
    const uint8_t *value = rowOf(now.values, row, valueSize_);
    const uint8_t *before = beforeOf(earlier, row, value);
    const uint64_t count = wordAt(value, 0);
    sample.matching++;
    sample.total += count;
    sample.delta += count - wordAt(before, 0);
    if (query.changed && before != zeros_.data() && memcmp(value, before, valueSize_) == 0) continue;
    if (all) chosen.push_back(row);
    else ranked.push_back({rankOf(keyOf(row), value, before, order), count, row});
  }
  if (all) return chosen;
  if (query.limit < ranked.size()) {
    const bool ofText = order.by == Order::By::text;
    const auto earlierInOrder = [&](const Ranked &a, const Ranked &b) {
      if (ofText) {
        const int difference = memcmp(keyOf(a.row) + order.offset, keyOf(b.row) + order.offset, order.size);
        if (difference != 0) return order.descending ? difference > 0 : difference < 0;
      } else if (a.rank != b.rank) {
        return order.descending ? a.rank > b.rank : a.rank < b.rank;
      }
      if (a.count != b.count) return order.descending ? a.count > b.count : a.count < b.count;
      return std::lexicographical_compare(keyOf(a.row), keyOf(a.row) + keySize_, keyOf(b.row), keyOf(b.row) + keySize_);
    };
    std::nth_element(ranked.begin(), ranked.begin() + query.limit, ranked.end(), earlierInOrder);
    ranked.resize(query.limit);
  }
  chosen.reserve(ranked.size());
  for (const Ranked &each : ranked) chosen.push_back(each.row);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

bool Tally::passes(const uint8_t *key, const uint8_t *value, const Filter &filter) const {
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
