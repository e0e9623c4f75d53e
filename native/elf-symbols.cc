#include "elf-symbols.h"

#include <elf.h>
#include <gelf.h>
#include <libelf.h>
#include <sys/auxv.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace {

using ElfHandle = std::unique_ptr<Elf, int (*)(Elf *)>;

/** Of several names of one function: global before weak before local, and read before __read. */
uint32_t rankOf(const GElf_Sym &symbol, const char *name) {
  const unsigned binding = GELF_ST_BIND(symbol.st_info);
  const uint32_t bound = binding == STB_GLOBAL ? 0 : binding == STB_WEAK ? 1 : 2;
  const uint32_t underscores = std::min<size_t>(strspn(name, "_"), 15);
  const uint32_t type = GELF_ST_TYPE(symbol.st_info) == STT_NOTYPE ? 1 : 0;  // a label of assembly
  return type << 8 | underscores << 4 | bound;
}

void addSymbols(Elf *elf, Elf_Scn *section, const GElf_Shdr &header, SymbolTable &table) {
  Elf_Data *data = elf_getdata(section, nullptr);
  if (data == nullptr || header.sh_entsize == 0) return;
  const size_t count = data->d_size / header.sh_entsize;
  for (size_t i = 0; i < count; i++) {
    GElf_Sym symbol;
    if (gelf_getsym(data, i, &symbol) == nullptr) return;
    const unsigned type = GELF_ST_TYPE(symbol.st_info);
    if ((type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE) || symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS || symbol.st_value == 0)
      continue;
    const char *name = elf_strptr(elf, header.sh_link, symbol.st_name);
    if (name == nullptr || *name == '\0' || *name == '$') continue;  // $x, $d: marks of arm64 assemblers
    table.add(symbol.st_value, symbol.st_size, name, rankOf(symbol, name));
  }
}

std::string buildIdOf(Elf_Scn *section) {
  Elf_Data *data = elf_getdata(section, nullptr);
  GElf_Nhdr note;
  size_t name = 0, description = 0;
  for (size_t at = 0; data != nullptr && (at = gelf_getnote(data, at, &note, &name, &description)) > 0;) {
    const char *bytes = static_cast<const char *>(data->d_buf);
    if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 || memcmp(bytes + name, "GNU", 4) != 0 || note.n_descsz > 64) continue;
    std::string text;
    char byte[3];
    for (size_t i = 0; i < note.n_descsz; i++) {
      snprintf(byte, sizeof byte, "%02x", static_cast<unsigned char>(bytes[description + i]));
      text += byte;
    }
    return text;
  }
  return {};
}

void readSegments(Elf *elf, ElfImage &image) {
  size_t count = 0;
  if (elf_getphdrnum(elf, &count) != 0) return;
  for (size_t i = 0; i < count; i++) {
    GElf_Phdr header;
    if (gelf_getphdr(elf, i, &header) == nullptr || header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0) continue;
    image.segments.push_back({header.p_vaddr, header.p_offset, header.p_filesz});
  }
}

void readElf(Elf *elf, ElfImage &image, bool debug) {
  if (elf == nullptr || elf_kind(elf) != ELF_K_ELF) return;
  if (!debug) readSegments(elf, image);
  for (Elf_Scn *section = elf_nextscn(elf, nullptr); section != nullptr; section = elf_nextscn(elf, section)) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr) continue;
    if (header.sh_type == SHT_SYMTAB) image.symtab = true;
    if (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM) addSymbols(elf, section, header, image.table);
    if (header.sh_type == SHT_NOTE && !debug && image.buildId.empty()) image.buildId = buildIdOf(section);
  }
}

}  // namespace

std::string_view ElfImage::find(uint64_t offset) const {
  for (const Segment &segment : segments)
    if (offset >= segment.offset && offset - segment.offset < segment.size) return table.find(offset - segment.offset + segment.address);
  return {};
}

void readImage(int fd, ElfImage &image, bool debug) {
  elf_version(EV_CURRENT);
  // not mapped: a file that shrinks meanwhile would end this process by SIGBUS
  const ElfHandle elf(elf_begin(fd, ELF_C_READ, nullptr), elf_end);
  readElf(elf.get(), image, debug);
}

void readVdso(ElfImage &image) {
  auto *start = reinterpret_cast<char *>(getauxval(AT_SYSINFO_EHDR));
  if (start == nullptr) return;
  const auto *header = reinterpret_cast<Elf64_Ehdr *>(start);
  const size_t size = header->e_shoff + static_cast<size_t>(header->e_shentsize) * header->e_shnum;
  elf_version(EV_CURRENT);
  const ElfHandle elf(elf_memory(start, size), elf_end);
  readElf(elf.get(), image, false);
  image.table.finish();
}
