#include "symbol-table.h"

#include <algorithm>

namespace {

constexpr size_t kMostNames = 192 << 20, kMostSymbols = 2'000'000;  // the largest browser has a third of it
constexpr int kNested = 16;  // symbols looked at before the nearest one, for an address behind a function inside another

}  // namespace

bool SymbolTable::add(uint64_t address, uint64_t size, std::string_view name, uint32_t rank) {
  if (names_.size() + name.size() > kMostNames || symbols_.size() >= kMostSymbols) return false;
  const uint64_t end = address + size < address ? UINT64_MAX : address + size;
  symbols_.push_back({address, size == 0 ? 0 : end, static_cast<uint32_t>(names_.size()), static_cast<uint32_t>(name.size()), rank});
  names_.append(name);
  return true;
}

void SymbolTable::finish() {
  std::sort(symbols_.begin(), symbols_.end(), [this](const Symbol &a, const Symbol &b) {
    if (a.address != b.address) return a.address < b.address;
    if (a.rank != b.rank) return a.rank < b.rank;
    return nameOf(a) < nameOf(b);
  });
  symbols_.erase(std::unique(symbols_.begin(), symbols_.end(), [](const Symbol &a, const Symbol &b) { return a.address == b.address; }),
                 symbols_.end());
  for (size_t i = 0; i < symbols_.size(); i++)
    if (symbols_[i].end == 0) symbols_[i].end = i + 1 < symbols_.size() ? symbols_[i + 1].address : symbols_[i].address + 1;
  symbols_.shrink_to_fit();
  std::string(names_).swap(names_);  // what shrink_to_fit calls is not in older libstdc++
}

std::string_view SymbolTable::find(uint64_t address) const {
  auto next = std::upper_bound(symbols_.begin(), symbols_.end(), address, [](uint64_t a, const Symbol &symbol) { return a < symbol.address; });
  for (int i = 0; i < kNested && next != symbols_.begin(); i++) {
    --next;
    if (address < next->end) return nameOf(*next);
  }
  return {};
}
