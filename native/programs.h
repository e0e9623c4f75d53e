// The BPF programs of the whole machine, and what the kernel counted of each.
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "maps.h"

/** Texts end with NUL. */
struct ProgramKey {
  uint32_t id;
  char type[28];
  char name[64];
  /** The process that held it, or a link to it, when it was first seen; 0 where none did (a pinned program). */
  uint32_t pid;
  char process[20];
};
struct ProgramValue {
  uint64_t runs, nanoseconds, missed;
};

/** Remembers names and holders, and no file descriptor: a program ends when its owner ends it. */
class ProgramTable {
 public:
  /** @throws Failure where this process may not ask */
  void each(const std::function<void(const uint8_t *, const uint8_t *)> &use);

 private:
  struct Known {
    ProgramKey key;
    uint64_t loaded;  // an id may be given again
    bool seen;
  };
  std::map<uint32_t, Known> known_;
};
