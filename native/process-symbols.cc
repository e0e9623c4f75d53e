// Names of user functions: a process's mappings, the files behind them (in whatever root it lives, also when they were
// deleted), their debug files, the vdso, and the map that a JIT writes for perf.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>

#include "demangle.h"
#include "elf-symbols.h"
#include "process-text.h"
#include "symbols.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMostProcesses = 512;
constexpr size_t kMostImages = 256;
constexpr size_t kMostImageBytes = 256 << 20;
constexpr size_t kMostMappings = 65536;  // vm.max_map_count's default is 65530
constexpr off_t kLargestJitMap = 64 << 20;
constexpr off_t kLargestFile = 4ll << 30;

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd &operator=(Fd &&other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::string proc(int pid, const char *name) { return "/proc/" + std::to_string(pid) + "/" + name; }

std::string readFile(const std::string &path, size_t most) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  char buffer[16384];
  for (ssize_t n; fd.valid() && text.size() < most && (n = ::read(fd.get(), buffer, sizeof buffer)) > 0;) text.append(buffer, n);
  return text;
}

/** A file as the process sees it, not yet open for reading: no link leads out of its root. */
Fd placeInRoot(const std::string &root, const std::string &path) {
  const Fd folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return Fd(-1);
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return Fd(static_cast<int>(syscall(SYS_openat2, folder.get(), path.c_str(), &how, sizeof how)));
}

/** Opens a place for reading, if a plain file is there: to open a device does something to it (a watchdog begins to count). */
Fd opened(const Fd &place) {
  struct stat info;
  if (!place.valid() || fstat(place.get(), &info) != 0 || !S_ISREG(info.st_mode)) return Fd(-1);
  return Fd(::open(("/proc/self/fd/" + std::to_string(place.get())).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

/** What makes a file the same file, unchanged. */
struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  int64_t seconds = 0, nanoseconds = 0;
  off_t size = 0;
  bool operator<(const FileId &other) const {
    return std::tie(device, inode, seconds, nanoseconds, size) < std::tie(other.device, other.inode, other.seconds, other.nanoseconds, other.size);
  }
  bool operator==(const FileId &other) const { return !(*this < other) && !(other < *this); }
};

bool identify(int fd, FileId &id) {
  struct stat info;
  if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > kLargestFile) return false;
  id = {info.st_dev, info.st_ino, info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_size};
  return true;
}

struct Mapping {
  uint64_t start, end, offset;
  std::string path = {};
  bool file = false;  // a file stands behind it; `id` is its
  FileId id = {};
};

struct Process {
  uint64_t startTime = 0;
  std::vector<Mapping> mappings;  // executable ones, in order
  std::vector<Mapping> before;    // before the last exec, dlclose ...: a stack may be older than the mappings
  std::shared_ptr<SymbolTable> jit;
  FileId jitId;
  bool jitLooked = false;  // since names were asked for
  Clock::time_point jitNext = {};
};

/** Or 0: there is no such process, or only its zombie. */
uint64_t startTimeOf(int pid) { return startTimeIn(readFile(proc(pid, "stat"), 4096)); }

Fd placeOf(int pid, const Mapping &mapping) {
  char name[64];
  snprintf(name, sizeof name, "map_files/%lx-%lx", static_cast<unsigned long>(mapping.start), static_cast<unsigned long>(mapping.end));
  Fd exact(::open(proc(pid, name).c_str(), O_PATH | O_CLOEXEC));
  if (exact.valid()) return exact;
  return placeInRoot(proc(pid, "root"), mapping.path);  // without CAP_SYS_ADMIN: the file of that name, if it is still the same
}

std::vector<Mapping> readMappings(int pid) {
  std::vector<Mapping> mappings;
  std::unique_ptr<FILE, int (*)(FILE *)> file(fopen(proc(pid, "maps").c_str(), "re"), fclose);
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
  template <typename Key, typename Value>
  struct Cache {
    std::list<std::pair<Key, Value>> used;  // the last used first
    std::map<Key, typename std::list<std::pair<Key, Value>>::iterator> byKey;

    Value *find(const Key &key) {
      const auto found = byKey.find(key);
      if (found == byKey.end()) return nullptr;
      used.splice(used.begin(), used, found->second);
      return &found->second->second;
    }
    Value *add(const Key &key, Value value) {
      used.emplace_front(key, std::move(value));
      byKey[key] = used.begin();
      return &used.front().second;
    }
    void dropLast() {
      byKey.erase(used.back().first);
      used.pop_back();
    }
    void drop(const Key &key) {
      used.erase(byKey[key]);
      byKey.erase(key);
    }
  };

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

  static bool sameMappings(const std::vector<Mapping> &a, const std::vector<Mapping> &b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](const Mapping &x, const Mapping &y) { return x.start == y.start && x.end == y.end && x.offset == y.offset && x.path == y.path; });
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
    Fd fd = opened(placeOf(pid, mapping));
    FileId id;
    if (!identify(fd.get(), id) || !(id == mapping.id)) {
      fd = opened(placeInRoot("/", mapping.path));  // the process has ended: the same file may still be there
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
    for (const std::string &root : {proc(pid, "root"), std::string("/")}) {
      const Fd fd = opened(placeInRoot(root, path));
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
    const std::string status = readFile(proc(pid, "status"), 8192);
    StatusLines lines;
    if (!parseStatus(status, lines)) return;
    const Fd fd = opened(placeInRoot(proc(pid, "root"), "/tmp/perf-" + std::to_string(lines.pid) + ".map"));
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
