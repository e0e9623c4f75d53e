// Static probes of a program or library, as its .note.stapsdt section tells them.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

struct UsdtSite {
  std::string provider, name, arguments;
  uint64_t address, offset, semaphore;
};

/** Addresses by name; found by a part of a text too. */
using UsdtSymbols = std::map<std::string, std::vector<uint64_t>, std::less<>>;

struct UsdtFile {
  std::string buildId;
  uint16_t machine = 0;
  bool wide = false, fixed = false;
  std::vector<UsdtSite> sites;
  /** Addresses of symbols that the arguments' texts mention. */
  UsdtSymbols symbols;
};

/** `debugFile`: has the symbols that were stripped off, or "". @throws Failure */
UsdtFile readUsdt(const std::string &path, const std::string &debugFile);
