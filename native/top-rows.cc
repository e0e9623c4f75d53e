#include "top-rows.h"

#include <algorithm>
#include <cstring>

#include "words.h"

namespace {

constexpr uint64_t kSign = 1ull << 63;
/** Rows kept beyond those wanted, before the last ones are dropped. */
constexpr size_t kBeyond = 1024;

/** Doubles in the order of unsigned integers. */
uint64_t sortable(double number) {
  uint64_t bits;
  memcpy(&bits, &number, 8);
  return bits & kSign ? ~bits : bits | kSign;
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

}  // namespace

void TopRows::offer(uint32_t row, const uint8_t *value, const uint8_t *before) {
  if (limit_ == 0) return;
  const Ranked candidate{rankOf(keyOf(row), value, before, order_), wordAt(value, 0), row};
  if (full_ && !isEarlier(candidate, rows_.front())) return;
  rows_.push_back(candidate);
  if (rows_.size() >= static_cast<size_t>(limit_) + std::max<size_t>(limit_, kBeyond)) cut();
}

std::vector<uint32_t> TopRows::take() {
  if (rows_.size() > limit_) cut();
  std::vector<uint32_t> rows;
  rows.reserve(rows_.size());
  for (const Ranked &each : rows_) rows.push_back(each.row);
  std::sort(rows.begin(), rows.end());
  return rows;
}

/** Keeps those wanted alone. */
void TopRows::cut() {
  const auto earlier = [this](const Ranked &a, const Ranked &b) { return isEarlier(a, b); };
  std::nth_element(rows_.begin(), rows_.begin() + (limit_ - 1), rows_.end(), earlier);
  rows_.resize(limit_);
  std::swap(rows_.front(), rows_.back());
  full_ = true;
}

bool TopRows::isEarlier(const Ranked &a, const Ranked &b) const {
  if (order_.by == Order::By::text) {
    const int difference = memcmp(keyOf(a.row) + order_.offset, keyOf(b.row) + order_.offset, order_.size);
    if (difference != 0) return order_.descending ? difference > 0 : difference < 0;
  } else if (a.rank != b.rank) {
    return order_.descending ? a.rank > b.rank : a.rank < b.rank;
  }
  if (a.count != b.count) return order_.descending ? a.count > b.count : a.count < b.count;
  return keySize_ > 0 && memcmp(keyOf(a.row), keyOf(b.row), keySize_) < 0;
}
