// The symbols of an ELF file by their addresses in memory, for naming; elf.h has those that can be probed.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "symbol-table.h"

struct ElfImage {
  struct Segment {
    uint64_t address, offset, size;
  };
  SymbolTable table;
  std::vector<Segment> segments;
  /** Lower case hexadecimal, empty when there is none. */
  std::string buildId;
  bool symtab = false;

  /** Name of the function at a byte of the file, or an empty text. */
  std::string_view find(uint64_t offset) const;
};

/** Adds the symbols of `fd` to an image; of a debug file only those: its segments are not the file's. Never throws. */
void readImage(int fd, ElfImage &image, bool debug);
/** This process's own vdso, the same code as in any other. */
void readVdso(ElfImage &image);
