#include "elf-symbols.h"

#include <sys/auxv.h>

#include <algorithm>

#include "elf-note.h"
#include "elf-open.h"

namespace {

/** Of several names of one function: global before weak before local, and read before __read. */
uint32_t rankOf(const GElf_Sym &symbol, std::string_view name) {
  const unsigned binding = GELF_ST_BIND(symbol.st_info);
  const uint32_t bound = binding == STB_GLOBAL ? 0 : binding == STB_WEAK ? 1 : 2;
  const uint32_t underscores = std::min<size_t>(name.find_first_not_of('_'), 15);
  const uint32_t type = GELF_ST_TYPE(symbol.st_info) == STT_NOTYPE ? 1 : 0;  // a label of assembly
  return type << 8 | underscores << 4 | bound;
}

void addSymbols(const OpenElf &file, Elf_Scn *section, const GElf_Shdr &info, SymbolTable &table) {
  visitSymbols(file, section, info, [&](const GElf_Sym &symbol, std::string_view name) {
    const unsigned type = GELF_ST_TYPE(symbol.st_info);
    if ((type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE) || symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS || symbol.st_value == 0)
      return true;
    if (name.empty() || name[0] == '$') return true;  // $x, $d: marks of arm64 assemblers
    return table.add(symbol.st_value, symbol.st_size, name, rankOf(symbol, name));
  });
}

void readSymbols(const OpenElf &file, ElfImage &image, bool debug) {
  const Segments segments(file);
  if (!debug)
    for (const Segments::Segment &each : segments.all())
      if (each.executable) image.segments.push_back({each.address, each.offset, each.size});
  file.sections([&](Elf_Scn *section, const GElf_Shdr &info) {
    if (info.sh_type == SHT_SYMTAB) image.symtab = true;
    if (info.sh_type == SHT_SYMTAB || info.sh_type == SHT_DYNSYM) addSymbols(file, section, info, image.table);
    if (info.sh_type == SHT_NOTE && !debug && image.buildId.empty()) image.buildId = buildIdOf(file, section, info);
  });
}

}  // namespace

std::string_view ElfImage::find(uint64_t offset) const {
  for (const Segment &segment : segments)
    if (offset >= segment.offset && offset - segment.offset < segment.size) return table.find(offset - segment.offset + segment.address);
  return {};
}

void readImage(int fd, ElfImage &image, bool debug) {
  try {
    readSymbols(OpenElf(fd), image, debug);
  } catch (const Failure &) {
    // what it has no names for is shown by its address
  }
}

void readVdso(ElfImage &image) {
  auto *start = reinterpret_cast<char *>(getauxval(AT_SYSINFO_EHDR));
  if (start == nullptr) return;
  const auto *header = reinterpret_cast<Elf64_Ehdr *>(start);
  try {
    readSymbols(OpenElf(start, header->e_shoff + static_cast<size_t>(header->e_shentsize) * header->e_shnum), image, false);
  } catch (const Failure &) {
    // as above
  }
  image.table.finish();
}
