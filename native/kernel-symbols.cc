// Names of kernel functions, from /proc/kallsyms: read at the first call, and again when an address is met that has no
// name yet, as after a module or a BPF program was loaded.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>

#include "symbol-table.h"
#include "symbols.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kReadAgain = std::chrono::seconds(10);
/** kallsyms has no sizes: behind the last function of a module there may be anything. */
constexpr uint64_t kLargestFunction = 64 << 10;

struct Kallsyms {
  SymbolTable table;
  bool hidden = true;  // all addresses are zero
};

struct Line {
  uint64_t address;
  const char *name;
  size_t length;
  bool module;
};

/** "ffffffff81000000 T _stext" or, of a module, "ffffffffc0a01000 t name\t[module]"; only of text. */
bool parse(char *text, Line &line) {
  char *at = nullptr;
  line.address = strtoull(text, &at, 16);
  if (at == text || at[0] != ' ' || at[1] == '\0' || strchr("tTwW", at[1]) == nullptr || at[2] != ' ') return false;
  line.name = at + 3;
  line.length = strcspn(line.name, "\n");
  char *tab = static_cast<char *>(memchr(at + 3, '\t', line.length));
  line.module = tab != nullptr;
  if (tab != nullptr) *tab = ' ';
  return true;
}

std::unique_ptr<Kallsyms> readKallsyms() {
  auto result = std::make_unique<Kallsyms>();
  std::unique_ptr<FILE, int (*)(FILE *)> file(fopen("/proc/kallsyms", "re"), fclose);
  if (!file) return result;
  char text[1024];
  uint64_t end = 0;  // of the kernel's own text; kallsyms begins with it
  std::vector<Line> lines;
  std::vector<std::string> names;
  while (fgets(text, sizeof text, file.get()) != nullptr) {
    Line line{};
    if (!parse(text, line) || line.address == 0) continue;
    result->hidden = false;
    const std::string_view name(line.name, line.length);
    if (name == "_etext") end = line.address;
    // labels at the borders of sections are no functions
    if (name == "_stext" || name == "_text" || name == "_etext" || name == "_sinittext" || name == "_einittext") continue;
    lines.push_back(line);
    names.emplace_back(name);
  }
  std::vector<size_t> order(lines.size());
  for (size_t i = 0; i < order.size(); i++) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return lines[a].address < lines[b].address; });
  for (size_t i = 0; i < order.size(); i++) {
    const Line &line = lines[order[i]];
    size_t j = i + 1;  // the next function, not another name of this one
    while (j < order.size() && lines[order[j]].address == line.address) j++;
    uint64_t size = j < order.size() ? lines[order[j]].address - line.address : kLargestFunction;
    if (line.address < end && line.address + size > end) size = end - line.address;
    if (line.module || line.address >= end) size = std::min(size, kLargestFunction);
    // of several names the shortest: __x64_sys_read before its aliases of other ABIs and of the compiler's making
    result->table.add(line.address, std::max<uint64_t>(size, 1), names[order[i]], names[order[i]].size());
  }
  result->table.finish();
  return result;
}

std::mutex mutex;

}  // namespace

Symbols namesOfKernel(const std::vector<uint64_t> &addresses) {
  static std::unique_ptr<Kallsyms> kallsyms;  // of the kernel that runs: the same as long as this process lives
  static Clock::time_point readAt;
  const std::lock_guard lock(mutex);
  Symbols result;
  for (int attempt = 0; attempt < 2; attempt++) {
    if (kallsyms == nullptr || attempt > 0) {
      kallsyms = readKallsyms();
      readAt = Clock::now();
    }
    result.none = kallsyms->hidden;
    result.names.clear();
    bool all = true;
    for (const uint64_t address : addresses) {
      result.names.emplace_back(kallsyms->table.find(address));
      all = all && !result.names.back().empty();
    }
    if (all || kallsyms->hidden || Clock::now() - readAt < kReadAgain) break;
  }
  return result;
}
