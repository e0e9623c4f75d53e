#include "elf.h"

#include <cstring>
#include <set>

#include "elf-open.h"

namespace {

constexpr int kBuildId = 3;  // NT_GNU_BUILD_ID

/** What every program has that throws, defined or not: C++, Rust. */
bool unwinds(const char *name) {
  for (const char *each : {"__gxx_personality_v0", "__cxa_throw", "_Unwind_RaiseException", "rust_eh_personality"})
    if (strcmp(name, each) == 0) return true;
  return false;
}

struct Symbols {
  ElfFile &file;
  const Segments &segments;
  const char *bytes;  // of the whole file
  size_t size;
  std::set<std::pair<std::string, uint64_t>> seen;

  void add(const OpenElf &open, Elf_Scn *section, const GElf_Shdr &header) {
    Elf_Data *data = elf_getdata(section, nullptr);
    if (data == nullptr || header.sh_entsize == 0) return;
    const size_t count = data->d_size / header.sh_entsize;
    for (size_t i = 0; i < count; i++) {
      GElf_Sym symbol;
      if (gelf_getsym(data, i, &symbol) == nullptr) return;
      const int type = GELF_ST_TYPE(symbol.st_info);
      const char *name = elf_strptr(open.elf(), header.sh_link, symbol.st_name);
      if (name == nullptr || *name == '\0') continue;
      if (unwinds(name)) file.exceptions = true;
      if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol.st_shndx == SHN_UNDEF || symbol.st_value == 0) continue;
      const auto offset = segments.offset(symbol.st_value, true);
      if (!offset || !seen.emplace(name, *offset).second) continue;
      // an IFUNC's address is its resolver, which runs once: nothing to trace
      if (type == STT_GNU_IFUNC) file.resolvers.push_back(name);
      else file.functions.push_back({name, *offset, symbol.st_size, *offset < size ? static_cast<uint8_t>(bytes[*offset]) : uint8_t{0}, GELF_ST_BIND(symbol.st_info) != STB_LOCAL});
    }
  }
};

/** In hexadecimal, of the first note that is one. */
std::string buildId(Elf_Scn *section) {
  Elf_Data *data = elf_getdata(section, nullptr);
  if (data == nullptr) return "";
  size_t at = 0, next, nameAt, bytesAt;
  GElf_Nhdr note;
  while (at < data->d_size && (next = gelf_getnote(data, at, &note, &nameAt, &bytesAt)) > 0) {
    at = next;
    if (note.n_type != kBuildId || note.n_namesz != 4 || memcmp(static_cast<char *>(data->d_buf) + nameAt, "GNU", 4) != 0) continue;
    std::string text;
    for (size_t i = 0; i < note.n_descsz && i < 64; i++) {
      const auto byte = static_cast<uint8_t *>(data->d_buf)[bytesAt + i];
      text += "0123456789abcdef"[byte >> 4];
      text += "0123456789abcdef"[byte & 15];
    }
    return text;
  }
  return "";
}

}  // namespace

ElfFile readElf(const std::string &path, const std::string &debugFile) {
  const OpenElf open(path);
  ElfFile file;
  file.machine = open.header().e_machine;
  const Segments segments(open);
  size_t size = 0;
  const char *bytes = elf_rawfile(open.elf(), &size);
  Symbols symbols{file, segments, bytes, bytes == nullptr ? 0 : size, {}};
  bool table = false, dynamic = false;
  open.sections([&](Elf_Scn *section, const GElf_Shdr &info) {
    const std::string name = open.name(info);
    if (name == ".gopclntab" || name == ".go.buildinfo") file.go = true;
    if (info.sh_type == SHT_SYMTAB) file.symtab = true;
    if (info.sh_type == SHT_DYNSYM) dynamic = true;
    if (name == ".gcc_except_table") table = true;
    if (info.sh_type == SHT_SYMTAB || info.sh_type == SHT_DYNSYM) symbols.add(open, section, info);
    if (info.sh_type == SHT_NOTE && file.buildId.empty()) file.buildId = buildId(section);
  });
  if (table && !dynamic && !file.symtab) file.exceptions = true;  // static and stripped: only the table tells
  if (debugFile.empty()) return file;
  // its addresses are those of the file; only its own segments hold nothing
  const OpenElf debug(debugFile);
  debug.sections([&](Elf_Scn *section, const GElf_Shdr &info) {
    if (info.sh_type != SHT_SYMTAB) return;
    file.symtab = true;
    symbols.add(debug, section, info);
  });
  return file;
}
