// The executable mappings of a process, and the files behind them.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "process-files.h"

struct Mapping {
  uint64_t start, end, offset;
  std::string path = {};
  bool file = false;  // a file stands behind it; `id` is its
  FileId id = {};
};

/** When the process began; 0: there is none, or only its zombie. */
uint64_t startTimeOf(int pid);
/** In order; none: the process cannot be read. */
std::vector<Mapping> readMappings(int pid);
bool sameMappings(const std::vector<Mapping> &a, const std::vector<Mapping> &b);
/** The one that has the address, or nullptr. */
const Mapping *mappingOf(const std::vector<Mapping> &mappings, uint64_t address);
/** The file behind a mapping, not yet open for reading. */
Fd placeOf(int pid, const Mapping &mapping);
