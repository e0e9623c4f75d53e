#include "live-arithmetic.h"

#include <linux/bpf.h>

std::optional<uint64_t> computed(uint8_t operation, uint64_t a, uint64_t b, bool wide) {
  const unsigned bits = wide ? 64 : 32;
  if (!wide) a = static_cast<uint32_t>(a), b = static_cast<uint32_t>(b);
  uint64_t result;
  switch (operation) {
    case BPF_ADD:
      result = a + b;
      break;
    case BPF_SUB:
      result = a - b;
      break;
    case BPF_MUL:
      result = a * b;
      break;
    case BPF_OR:
      result = a | b;
      break;
    case BPF_AND:
      result = a & b;
      break;
    case BPF_XOR:
      result = a ^ b;
      break;
    case BPF_LSH:
      if (b >= bits) return {};
      result = a << b;
      break;
    case BPF_RSH:
      if (b >= bits) return {};
      result = a >> b;
      break;
    case BPF_ARSH:
      if (b >= bits) return {};
      result = wide ? static_cast<uint64_t>(static_cast<int64_t>(a) >> b) : static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(a)) >> b);
      break;
    case BPF_NEG:
      result = 0 - a;
      break;
    case BPF_MOV:
      result = b;
      break;
    default:
      return {};
  }
  return wide ? result : static_cast<uint32_t>(result);
}

std::optional<bool> holds(uint8_t operation, uint64_t a, uint64_t b, bool wide) {
  if (!wide) a = static_cast<uint32_t>(a), b = static_cast<uint32_t>(b);
  const int64_t x = wide ? static_cast<int64_t>(a) : static_cast<int32_t>(a), y = wide ? static_cast<int64_t>(b) : static_cast<int32_t>(b);
  switch (operation) {
    case BPF_JEQ:
      return a == b;
    case BPF_JNE:
      return a != b;
    case BPF_JGT:
      return a > b;
    case BPF_JGE:
      return a >= b;
    case BPF_JLT:
      return a < b;
    case BPF_JLE:
      return a <= b;
    case BPF_JSET:
      return (a & b) != 0;
    case BPF_JSGT:
      return x > y;
    case BPF_JSGE:
      return x >= y;
    case BPF_JSLT:
      return x < y;
    case BPF_JSLE:
      return x <= y;
    default:
      return {};
  }
}
