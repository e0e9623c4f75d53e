// Names by address: sorted once, then searched by halves. Of one file, of the kernel, or of the code that a process has
// made itself. Bytes are counted, so that whoever keeps tables can bound them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

class SymbolTable {
 public:
  /** @param size 0: up to the next symbol. @param rank of several names of one address the lowest is taken. False: it is full */
  bool add(uint64_t address, uint64_t size, std::string_view name, uint32_t rank = 0);
  void finish();
  /** The name of the function around `address`, or an empty text. */
  std::string_view find(uint64_t address) const;
  size_t count() const { return symbols_.size(); }
  size_t bytes() const { return symbols_.capacity() * sizeof(Symbol) + names_.capacity(); }

 private:
  struct Symbol {
    uint64_t address, end;
    uint32_t name, length, rank;
  };
  std::string_view nameOf(const Symbol &symbol) const { return std::string_view(names_).substr(symbol.name, symbol.length); }

  std::vector<Symbol> symbols_;
  std::string names_;
};
