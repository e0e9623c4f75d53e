// Of a program that reads constants which are known before it is loaded: what can still run. The kernel finds that out by itself,
// but most of the time that it takes for a program goes by its length as given: ours are 14,000 instructions, of which a view keeps
// some hundred.
#pragma once
#include <linux/bpf.h>

#include <cstddef>
#include <cstdint>
#include <vector>

/** The map of constants, as the program names it. */
struct Constants {
  int map;
  const uint8_t *bytes;
  size_t size;
};

/**
 * Without the instructions that no run can reach, and the jumps that are not taken or have no choice. What is not understood is given
 * back whole.
 * @param program as it goes to the kernel: relocated
 * @param keepJumps also those whose both ways are reached, if not by them: the kernel keeps these
 */
std::vector<bpf_insn> liveCode(const std::vector<bpf_insn> &program, const Constants &constants, bool keepJumps);
