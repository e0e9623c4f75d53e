// What live-code.cc knows at an instruction: of each register and each word of the stack its value, or what it surely is not.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

/** unknown: perhaps a place of the stack; elsewhere: surely none, else nothing is known. */
enum class Kind : uint8_t { unknown, elsewhere, number, constant, stack };

/** A number; or a byte's place: in the map of constants, or above the stack's end, as 2^64 less what it is below. */
struct Value {
  Kind kind = Kind::unknown;
  uint64_t number = 0;
  bool operator==(const Value &other) const { return kind == other.kind && number == other.number; }
  bool mayBeStack() const { return kind == Kind::unknown || kind == Kind::stack; }
};

inline Value number(uint64_t n) { return {Kind::number, n}; }
constexpr Value kUnknown{Kind::unknown, 0}, kElsewhere{Kind::elsewhere, 0};
/** Of what one of two is, or is computed of. The kernel takes nothing for a place of the stack that was not computed of one. */
inline Value eitherOf(const Value &a, const Value &b) { return a.mayBeStack() || b.mayBeStack() ? kUnknown : kElsewhere; }

constexpr int kRegisters = 11, kFrame = 10, kStackBytes = 512, kWords = kStackBytes / 8;

struct State {
  std::array<Value, kRegisters> registers;
  std::array<Value, kWords> words;

  State() {
    registers[kFrame] = {Kind::stack, 0};
    registers[1] = kElsewhere;  // the context
  }

  /** @returns whether something of it is not known any more */
  bool meet(const State &other) {
    bool changed = false;
    const auto join = [&changed](Value &mine, const Value &theirs) {
      if (mine == theirs) return;
      const Value both = eitherOf(mine, theirs);
      changed |= !(mine == both);
      mine = both;
    };
    for (int i = 0; i < kRegisters; i++) join(registers[i], other.registers[i]);
    for (int i = 0; i < kWords; i++) join(words[i], other.words[i]);
    return changed;
  }

  void forgetStack() { words.fill(kUnknown); }

  /** Bytes of the stack from there on; `from` is 2^64 less what it is below the end. */
  void forget(uint64_t from, uint64_t size) {
    const int64_t first = static_cast<int64_t>(from) + kStackBytes;
    if (first < 0 || first >= kStackBytes || size > kStackBytes) return forgetStack();
    const int64_t last = std::min<int64_t>(kStackBytes, first + static_cast<int64_t>(size));
    for (int64_t word = first / 8; word * 8 < last; word++) words[word] = kElsewhere;
  }

  Value *wordAt(uint64_t place) {
    const int64_t at = static_cast<int64_t>(place) + kStackBytes;
    return at < 0 || at >= kStackBytes || at % 8 != 0 ? nullptr : &words[at / 8];
  }
};
