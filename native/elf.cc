#include "elf.h"

#include <algorithm>
#include <unordered_set>

#include "elf-note.h"
#include "elf-open.h"

namespace {

/** More are not handed to JavaScript: the largest browser has 700,000. */
constexpr size_t kMostFunctions = 2'000'000, kMostNames = 192 << 20;

struct Place {
  std::string_view name;
  uint64_t offset;
  bool operator==(const Place &other) const { return offset == other.offset && name == other.name; }
};
struct PlaceHash {
  size_t operator()(const Place &place) const { return std::hash<std::string_view>()(place.name) ^ place.offset * 0x9e3779b97f4a7c15; }
};

/** What every program has that throws, defined or not: C++, Rust. Not _Unwind_RaiseException: a static C library has it too. */
bool unwinds(std::string_view name) { return name == "__gxx_personality_v0" || name == "__cxa_throw" || name == "rust_eh_personality"; }

struct Functions {
  ElfFile &file;
  const Segments &segments;
  const std::string &path;
  std::unordered_set<Place, PlaceHash> seen;  // names stay where libelf has them
  size_t bytes = 0;

  void add(const OpenElf &open, Elf_Scn *section, const GElf_Shdr &info) {
    visitSymbols(open, section, info, [&](const GElf_Sym &symbol, std::string_view name) {
      const int type = GELF_ST_TYPE(symbol.st_info);
      if (unwinds(name)) file.exceptions = true;
      if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol.st_shndx == SHN_UNDEF || symbol.st_value == 0 || name.empty()) return true;
      const auto offset = segments.offset(symbol.st_value, true);
      if (!offset || !seen.insert({name, *offset}).second) return true;
      bytes += name.size();
      if (seen.size() > kMostFunctions || bytes > kMostNames) throw Failure("read elf", path, EFBIG, "it has more functions than are read");
      // an IFUNC's address is its resolver, which runs once: nothing to trace
      if (type == STT_GNU_IFUNC) file.resolvers.emplace_back(name);
      else file.functions.push_back({std::string(name), *offset, symbol.st_size, 0, GELF_ST_BIND(symbol.st_info) != STB_LOCAL});
      return true;
    });
  }
};

/** In the order of the file, a block at a time. */
void readFirstBytes(int fd, std::vector<ElfFunction> &functions) {
  std::vector<ElfFunction *> order;
  for (ElfFunction &each : functions) order.push_back(&each);
  std::sort(order.begin(), order.end(), [](const ElfFunction *a, const ElfFunction *b) { return a->offset < b->offset; });
  uint8_t block[16384];
  uint64_t from = 0;
  ssize_t size = 0;
  for (ElfFunction *each : order) {
    if (each->offset > INT64_MAX) break;
    if (size <= 0 || each->offset - from >= static_cast<uint64_t>(size)) {
      from = each->offset;
      size = pread(fd, block, sizeof block, static_cast<off_t>(from));
    }
    each->firstByte = size > 0 ? block[each->offset - from] : 0;
  }
}

}  // namespace

ElfFile readElf(const std::string &path, const std::string &debugFile) {
  const OpenElf open(path);
  const Strings names = Strings::ofSections(open);
  ElfFile file;
  file.machine = open.header().e_machine;
  const Segments segments(open);
  Functions functions{file, segments, path, {}};
  bool table = false, dynamic = false;
  open.sections([&](Elf_Scn *section, const GElf_Shdr &info) {
    const std::string_view name = names.at(info.sh_name);
    if (name == ".gopclntab" || name == ".go.buildinfo") file.go = true;
    if (info.sh_type == SHT_SYMTAB) file.symtab = true;
    if (info.sh_type == SHT_DYNSYM) dynamic = true;
    if (name == ".gcc_except_table") table = true;
    if (info.sh_type == SHT_SYMTAB || info.sh_type == SHT_DYNSYM) functions.add(open, section, info);
    if (info.sh_type == SHT_NOTE && file.buildId.empty()) file.buildId = buildIdOf(open, section, info);
  });
  if (table && !dynamic && !file.symtab) file.exceptions = true;  // static and stripped: only the table tells
  if (!debugFile.empty()) {
    // its addresses are those of the file; only its own segments hold nothing
    const OpenElf debug(debugFile);
    debug.sections([&](Elf_Scn *section, const GElf_Shdr &info) {
      if (info.sh_type != SHT_SYMTAB) return;
      file.symtab = true;
      functions.add(debug, section, info);
    });
    functions.seen.clear();
  }
  readFirstBytes(open.fd(), file.functions);
  return file;
}
