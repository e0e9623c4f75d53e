// Names of user functions: a process's mappings, the files behind them (in whatever root it lives, also when they were
// deleted), their debug files, the vdso, and the map that a JIT writes for perf.
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <utility>

#include "cache.h"
#include "demangle.h"
#include "elf-symbols.h"
#include "process-mappings.h"
#include "process-text.h"
#include "symbols.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMostProcesses = 512;
constexpr size_t kMostImages = 256;
constexpr size_t kMostImageBytes = 256 << 20;
constexpr off_t kLargestJitMap = 64 << 20;

struct Process {
  uint64_t startTime = 0;
  std::vector<Mapping> mappings;  // executable ones, in order
  std::vector<Mapping> before;    // before the last exec, dlclose ...: a stack may be older than the mappings
  std::shared_ptr<SymbolTable> jit;
  FileId jitId;
  bool jitLooked = false;  // since names were asked for
  Clock::time_point jitNext = {};
};

std::string hex(uint64_t value) {
  char text[24];
  snprintf(text, sizeof text, "0x%lx", static_cast<unsigned long>(value));
  return text;
}

class Namer {
 public:
  Symbols name(int pid, const std::vector<uint64_t> &addresses) {
    const std::lock_guard lock(mutex_);
    Symbols result;
    Process *process = processOf(pid);
    result.none = process == nullptr;
    if (process != nullptr) process->jitLooked = false;
    for (const uint64_t address : addresses) result.names.push_back(process == nullptr ? "" : shortened(nameOf(pid, *process, address)));
    return result;
  }

 private:
  /** The process with its mappings of now, or, when it has ended, of the last time; nullptr: it was never read. */
  Process *processOf(int pid) {
    Process *known = processes_.find(pid);
    const uint64_t startTime = startTimeOf(pid);
    if (startTime == 0) return known;
    if (known != nullptr && known->startTime != startTime) {
      processes_.drop(pid);  // another process with its number
      known = nullptr;
    }
    std::vector<Mapping> mappings = readMappings(pid);
    if (mappings.empty() || startTimeOf(pid) != startTime) return known;  // it ended meanwhile
    if (known == nullptr) {
      known = processes_.add(pid, {});
      known->startTime = startTime;
      if (processes_.used.size() > kMostProcesses) processes_.dropLast();
    } else if (!sameMappings(known->mappings, mappings)) {
      known->before = std::move(known->mappings);
    }
    known->mappings = std::move(mappings);
    return known;
  }

  std::string nameOf(int pid, Process &process, uint64_t address) {
    const Mapping *mapping = mappingOf(process.mappings, address);
    if (mapping == nullptr) mapping = mappingOf(process.before, address);
    // no address: what a walk without frame pointers comes upon is a new one each time, and says nothing
    if (mapping == nullptr) return "[unknown]";
    const uint64_t offset = address - mapping->start + mapping->offset;
    if (mapping->path == "[vdso]") {
      const std::string_view name = mapping->start > UINT32_MAX ? vdso().find(address - mapping->start) : std::string_view{};
      return (name.empty() ? "[" + hex(offset) : std::string(name) + " [") + "vdso]";
    }
    if (mapping->file) {
      const ElfImage *image = imageOf(pid, *mapping);
      const std::string_view name = image == nullptr ? std::string_view{} : image->find(offset);
      if (!name.empty()) return demangle(std::string(name));
    }
    readJit(pid, process);
    const std::string_view made = process.jit ? process.jit->find(address) : std::string_view{};
    if (!made.empty()) return std::string(made);
    if (mapping->path.empty() || mapping->path[0] != '/') return "[unknown " + hex(address) + "]";
    return "[" + baseName(mapping->path) + "+" + hex(offset) + "]";
  }

  const ElfImage &vdso() {
    if (!vdso_) {
      vdso_ = std::make_unique<ElfImage>();
      readVdso(*vdso_);
    }
    return *vdso_;
  }

  const ElfImage *imageOf(int pid, const Mapping &mapping) {
    if (const auto *known = images_.find(mapping.id)) return known->get();
    Fd fd = openPlain(placeOf(pid, mapping));
    FileId id;
    if (!identify(fd.get(), id) || !(id == mapping.id)) {
      fd = openPlain(placeInRoot("/", mapping.path));  // the process has ended: the same file may still be there
      if (!identify(fd.get(), id) || !(id == mapping.id)) return nullptr;
    }
    auto image = std::make_unique<ElfImage>();
    readImage(fd.get(), *image, false);
    if (!image->symtab && image->buildId.size() > 2) readDebugFile(pid, *image);
    image->table.finish();
    imageBytes_ += image->table.bytes();
    const ElfImage *result = images_.add(mapping.id, std::move(image))->get();
    while (images_.used.size() > 1 && (images_.used.size() > kMostImages || imageBytes_ > kMostImageBytes)) {
      imageBytes_ -= images_.used.back().second->table.bytes();
      images_.dropLast();
    }
    return result;
  }

  static void readDebugFile(int pid, ElfImage &image) {
    const std::string path = "/usr/lib/debug/.build-id/" + image.buildId.substr(0, 2) + "/" + image.buildId.substr(2) + ".debug";
    for (const std::string &root : {procPath(pid, "root"), std::string("/")}) {
      const Fd fd = openPlain(placeInRoot(root, path));
      FileId id;
      if (!identify(fd.get(), id)) continue;
      readImage(fd.get(), image, true);
      return;
    }
  }

  /**
   * /tmp/perf-PID.map of the process's own root and pid namespace; another user's file is not believed. Looked at once for all
   * names asked for at a time, and one that is written all the time is read for a tenth of the time at most.
   */
  static void readJit(int pid, Process &process) {
    const auto now = Clock::now();
    if (process.jitLooked || now < process.jitNext) return;
    process.jitLooked = true;
    const std::string status = readFile(procPath(pid, "status"), 8192);
    StatusLines lines;
    if (!parseStatus(status, lines)) return;
    const Fd fd = openPlain(placeInRoot(procPath(pid, "root"), "/tmp/perf-" + std::to_string(lines.pid) + ".map"));
    FileId id;
    struct stat info;
    if (!identify(fd.get(), id) || fstat(fd.get(), &info) != 0 || info.st_uid != lines.user || info.st_size > kLargestJitMap || id == process.jitId) return;
    process.jitId = id;
    std::string text(info.st_size, '\0');
    size_t length = 0;
    for (ssize_t n; length < text.size() && (n = pread(fd.get(), &text[length], text.size() - length, length)) > 0;) length += n;
    text.resize(length);
    process.jit = std::make_shared<SymbolTable>();
    parseJitMap(text, *process.jit);
    process.jit->finish();
    process.jitNext = Clock::now() + 9 * (Clock::now() - now);
  }

  std::mutex mutex_;
  Cache<int, Process> processes_;
  Cache<FileId, std::unique_ptr<ElfImage>> images_;
  size_t imageBytes_ = 0;
  std::unique_ptr<ElfImage> vdso_;
};

}  // namespace

Symbols namesOfProcess(int pid, const std::vector<uint64_t> &addresses) {
  static Namer namer;  // files and processes are the same for all sessions
  return namer.name(pid, addresses);
}
