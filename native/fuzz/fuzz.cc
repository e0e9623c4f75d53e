// The addon's own parsers on damaged input: seeded mutations of good files and texts, under AddressSanitizer and UBSan. No
// input may end the process, take longer than a second, or more memory than a gigabyte. `npm run fuzz` builds and runs it:
//   fuzz PARSER SEED COUNT FILE ...
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "../demangle.h"
#include "../elf-symbols.h"
#include "../elf.h"
#include "../errors.h"
#include "../process-text.h"
#include "../usdt.h"
#include "apart.h"
#include "fuzz.h"
#include "mutate.h"

extern "C" const char *__asan_default_options() { return "hard_rss_limit_mb=1024:allocator_may_return_null=1:detect_leaks=1:abort_on_error=1"; }
extern "C" const char *__ubsan_default_options() { return "halt_on_error=1:print_stacktrace=1"; }

namespace {

using Bytes = std::vector<uint8_t>;

/** A file without a name, of these bytes. */
class Temporary {
 public:
  std::string of(const Bytes &bytes) {
    if (ftruncate(fd_, 0) != 0 || pwrite(fd_, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) abort();
    return "/proc/self/fd/" + std::to_string(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_ = memfd_create("fuzz", MFD_CLOEXEC);
};

std::string textOf(const Bytes &bytes) { return {bytes.begin(), bytes.end()}; }

template <typename Read>
void orFailure(Read read) {
  try {
    read();
  } catch (const Failure &) {
    // said in a message: that is what a damaged file is to give
  }
}

void image(int fd) {
  ElfImage image;
  readImage(fd, image, false);
  readImage(fd, image, true);
  image.table.finish();
  for (const ElfImage::Segment &each : image.segments)
    for (const uint64_t at : {each.offset, each.offset + each.size / 2, each.offset + each.size - 1}) image.find(at);
}

void table(const Bytes &bytes) {
  SymbolTable table;
  for (size_t at = 0; at + 24 <= bytes.size(); at += 24) {
    uint64_t words[3];
    memcpy(words, &bytes[at], sizeof words);
    table.add(words[0], words[1], std::string_view(reinterpret_cast<const char *>(&bytes[at]), words[2] % 24), words[2] >> 32);
  }
  table.finish();
  for (size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    uint64_t word;
    memcpy(&word, &bytes[at], sizeof word);
    table.find(word), table.find(word - 1), table.find(word + 1);
  }
}

void jit(const Bytes &bytes) {
  SymbolTable table;
  parseJitMap(textOf(bytes), table);
  table.finish();
  table.find(0x7f0000001000);
}

void lines(const Bytes &bytes) {
  const std::string text = textOf(bytes);
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    MappingLine mapping;
    if (parseMapping(text.substr(at, end - at + 1).c_str(), mapping)) shortened(baseName(mapping.path));
    at = end + 1;
  }
}

void status(const Bytes &bytes) {
  StatusLines read;
  parseStatus(textOf(bytes), read);
  startTimeIn(textOf(bytes));
}

const std::map<std::string, std::function<void(const Bytes &)>> parsers = {
    {"elf", [](const Bytes &bytes) { static Temporary file; orFailure([&] { readElf(file.of(bytes), ""); }); }},
    {"debug", [](const Bytes &bytes) { static Temporary file; orFailure([&] { readElf("/proc/self/exe", file.of(bytes)); }); }},
    {"usdt", [](const Bytes &bytes) { static Temporary file; orFailure([&] { const std::string path = file.of(bytes); readUsdt(path, path); }); }},
    {"image", [](const Bytes &bytes) { static Temporary file; file.of(bytes); image(file.fd()); }},
    {"btf", [](const Bytes &bytes) { fuzzTypes(bytes); }},
    {"object", [](const Bytes &bytes) { orFailure([&] { fuzzObject(bytes); }); }},  // of inputs: objects(), below
    {"demangle", [](const Bytes &bytes) { demangle(textOf(bytes)), demangle("_Z" + textOf(bytes)); }},
    {"table", table},
    {"jit", jit},
    {"maps", lines},
    {"status", status},
};

Bytes contentOf(const char *path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

double now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

Bytes input;  // the one under way, for whoever wants to see why it ended here

void keep(int) {
  const int fd = ::open("fuzz-input", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd >= 0 && write(fd, input.data(), input.size()) >= 0) dprintf(2, "fuzz: kept as ./fuzz-input\n");
  signal(SIGABRT, SIG_DFL);
  abort();
}

void report(const char *parser, long inputs, double longest, long kilobytes) {
  printf("%-9s %8ld inputs, the longest %6.1f ms, %4ld MB at most", parser, inputs, longest, kilobytes / 1024);
}

/** @returns the exit status */
int objects(Mutator &mutator, const std::vector<Bytes> &good, long inputs) {
  const auto orFailed = [](void (*read)(const Bytes &)) { return [read](const Bytes &bytes) { orFailure([&] { read(bytes); }); }; };
  Apart apart({orFailed(fuzzObjectApart), orFailed(fuzzObjectInside), orFailed(fuzzObject)}, now);
  const Apart::Result result = apart.run(mutator, good, inputs);
  if (result.failed || result.longest > 1000) {
    fprintf(stderr, "fuzz: object: %s\n", result.failed ? "an input ended the process" : "an input took more than a second");
    input = result.input;
    keep(0);
  }
  rusage use{};
  getrusage(RUSAGE_CHILDREN, &use);
  report("object", inputs, result.longest, use.ru_maxrss);
  printf("; %ld ended libbpf, in the process apart; %ld after others had\n", result.ended, result.corrupted);
  return 0;
}

}  // namespace

int main(int count, char **words) {
  const auto parser = count > 3 ? parsers.find(words[1]) : parsers.end();
  if (parser == parsers.end()) {
    fprintf(stderr, "fuzz PARSER SEED COUNT FILE ...\n");
    for (const auto &[name, parse] : parsers) fprintf(stderr, "  %s\n", name.c_str());
    return 2;
  }
  signal(SIGABRT, keep), signal(SIGPROF, keep);
  LibbpfLog::install();
  std::vector<Bytes> good;
  for (int i = 4; i < count; i++) good.push_back(contentOf(words[i]));
  if (good.empty()) good.push_back({});
  Mutator mutator(strtoull(words[2], nullptr, 10));
  const long inputs = strtol(words[3], nullptr, 10);
  double longest = 0;
  for (const Bytes &each : good) parser->second(each);
  if (parser->first == "object") return objects(mutator, good, inputs);
  for (long i = 0; i < inputs; i++) {
    input = mutator.mutated(good);
    // of its own time: on a busy machine it may be kept from its CPU for longer
    const itimerval tenSeconds{{0, 0}, {10, 0}};
    setitimer(ITIMER_PROF, &tenSeconds, nullptr);
    const double began = now();
    parser->second(input);
    const double took = now() - began;
    longest = std::max(longest, took);
    if (took > 1000) {
      fprintf(stderr, "fuzz: %s: input %ld took %.0f ms\n", words[1], i, took);
      keep(0);
    }
  }
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  report(words[1], inputs, longest, use.ru_maxrss);
  printf("\n");
}
