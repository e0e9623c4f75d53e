// What /proc says of a process, and what a JIT writes for perf, as text: only reading it, so that it can be tried on any text.
// A process chooses its name, its paths and its map itself.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>

#include "symbol-table.h"

/** Field 22 of /proc/PID/stat; 0 of a zombie, or where it is not to be found. */
uint64_t startTimeIn(const std::string &stat);

struct MappingLine {
  uint64_t start = 0, end = 0, offset = 0, inode = 0;
  std::string path;
};
/** A line such as "55e0c7a00000-55e0c7a21000 r-xp 00002000 fe:01 1234   /usr/bin/sh"; false: none of code. */
bool parseMapping(const char *line, MappingLine &mapping);

struct StatusLines {
  /** In its own pid namespace. */
  int pid = 0;
  /** The effective one. */
  uid_t user = 0;
};
/** Of /proc/PID/status. */
bool parseStatus(const std::string &status, StatusLines &lines);

/** Lines of "START SIZE name", in hexadecimal; others are passed over. */
void parseJitMap(const std::string &text, SymbolTable &table);

/** The last part of a path, without " (deleted)". */
std::string baseName(const std::string &path);
/** A name that is not longer than a line, cut between two characters. */
std::string shortened(std::string name);
