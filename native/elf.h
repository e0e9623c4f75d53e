// Functions of an ELF file and where they are in it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

struct ElfFunction {
  std::string name;
  uint64_t offset, size;
  uint8_t firstByte;
  bool global;
};

struct ElfFile {
  uint16_t machine = 0;
  bool go = false, symtab = false, exceptions = false;
  std::string buildId;
  std::vector<ElfFunction> functions;
  std::vector<std::string> resolvers;
};

/** `debugFile`: has the symbols that were stripped off, or "". @throws Failure */
ElfFile readElf(const std::string &path, const std::string &debugFile);
