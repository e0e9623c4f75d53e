// Functions of an ELF file and where they are in it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

struct ElfFunction {
  std::string name;
  uint64_t offset, size;
  bool global;
};

struct ElfFile {
  uint16_t machine = 0;
  bool go = false, symtab = false;
  std::vector<ElfFunction> functions;
};

/** @throws Failure */
ElfFile readElf(const std::string &path);
