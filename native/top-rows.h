// Which rows come first: at most so many of those offered, in one pass. Knows words and bytes, not meanings.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

/** `word` counts 8-byte words of a value. */
struct Order {
  enum class By { none, word, signedWord, complement, delta, average, averageSigned, share, text, integer, signedInteger };
  By by = By::none;
  uint32_t word = 0;
  uint32_t slots = 0;  // share: the histogram's, from `word` on
  double share = 0;    // 0.5: in which slot the median is
  uint32_t offset = 0, size = 0;  // text, integer: bytes of the key
  bool descending = true;
};

class TopRows {
 public:
  /** @param keys of all rows: rows that are alike otherwise come in the order of their keys */
  TopRows(const Order &order, uint32_t limit, const uint8_t *keys, uint32_t keySize) : order_(order), limit_(limit), keys_(keys), keySize_(keySize) {}

  void offer(uint32_t row, const uint8_t *value, const uint8_t *before);
  /** The first of all that were offered, by their numbers. */
  std::vector<uint32_t> take();

 private:
  struct Ranked {
    uint64_t rank, count;
    uint32_t row;
  };

  const uint8_t *keyOf(uint32_t row) const { return keys_ + static_cast<size_t>(row) * keySize_; }
  bool isEarlier(const Ranked &a, const Ranked &b) const;
  void cut();

  const Order order_;
  const uint32_t limit_;
  const uint8_t *keys_;
  const uint32_t keySize_;
  std::vector<Ranked> rows_;
  bool full_ = false;  // then the first of rows_ is the last one of those that come first so far
};
