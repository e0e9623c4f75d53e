// Names of kernel and user addresses. Files of processes are untrusted: they are read, never mapped, and what is kept
// is bounded. All calls may come from any thread; one is served at a time.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

struct Symbols {
  /** In the order of the addresses; empty where there is none. */
  std::vector<std::string> names;
  /** No name can be given: hidden by the kernel, or the process has ended. */
  bool none = false;
};

Symbols namesOfKernel(const std::vector<uint64_t> &addresses);
Symbols namesOfProcess(int pid, const std::vector<uint64_t> &addresses);
