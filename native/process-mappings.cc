#include "process-mappings.h"

#include <fcntl.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "process-text.h"

namespace {

constexpr size_t kMostMappings = 65536;  // vm.max_map_count's default is 65530

}  // namespace

uint64_t startTimeOf(int pid) { return startTimeIn(readFile(procPath(pid, "stat"), 4096)); }

Fd placeOf(int pid, const Mapping &mapping) {
  char name[64];
  snprintf(name, sizeof name, "map_files/%lx-%lx", static_cast<unsigned long>(mapping.start), static_cast<unsigned long>(mapping.end));
  Fd exact(::open(procPath(pid, name).c_str(), O_PATH | O_CLOEXEC));
  if (exact.valid()) return exact;
  return placeInRoot(procPath(pid, "root"), mapping.path);  // without CAP_SYS_ADMIN: the file of that name, if it is still the same
}

std::vector<Mapping> readMappings(int pid) {
  std::vector<Mapping> mappings;
  std::unique_ptr<FILE, int (*)(FILE *)> file(fopen(procPath(pid, "maps").c_str(), "re"), fclose);
  if (!file) return mappings;
  char *line = nullptr;
  size_t room = 0;
  while (mappings.size() < kMostMappings && getline(&line, &room, file.get()) > 0) {
    MappingLine read;
    if (!parseMapping(line, read)) continue;
    Mapping mapping{read.start, read.end, read.offset, std::move(read.path)};
    mapping.file = read.inode != 0 && mapping.path[0] == '/' && identify(placeOf(pid, mapping).get(), mapping.id);
    mappings.push_back(std::move(mapping));
  }
  free(line);
  return mappings;
}

const Mapping *mappingOf(const std::vector<Mapping> &mappings, uint64_t address) {
  auto next = std::upper_bound(mappings.begin(), mappings.end(), address, [](uint64_t a, const Mapping &mapping) { return a < mapping.start; });
  if (next == mappings.begin()) return nullptr;
  --next;
  return address < next->end ? &*next : nullptr;
}

bool sameMappings(const std::vector<Mapping> &a, const std::vector<Mapping> &b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Mapping &x, const Mapping &y) { return x.start == y.start && x.end == y.end && x.offset == y.offset && x.path == y.path; });
}
