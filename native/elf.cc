#include "elf.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>

#include "errors.h"

namespace {

/** Closes what libelf and the kernel opened, whichever way the reading ends. */
struct Open {
  explicit Open(const std::string &path) : path(path) {
    elf_version(EV_CURRENT);
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) throw Failure("read elf", path, errno);
    elf = elf_begin(fd, ELF_C_READ_MMAP, nullptr);
    if (elf == nullptr || elf_kind(elf) != ELF_K_ELF) {
      this->~Open();
      throw Failure("read elf", path, ENOEXEC, "not an ELF file");
    }
  }
  ~Open() {
    if (elf != nullptr) elf_end(elf);
    if (fd >= 0) ::close(fd);
    elf = nullptr;
    fd = -1;
  }
  const std::string &path;
  int fd = -1;
  Elf *elf = nullptr;
};

struct Segment {
  uint64_t address, offset, size;
};

std::vector<Segment> executableSegments(Elf *elf) {
  std::vector<Segment> segments;
  size_t count = 0;
  if (elf_getphdrnum(elf, &count) != 0) return segments;
  for (size_t i = 0; i < count; i++) {
    GElf_Phdr header;
    if (gelf_getphdr(elf, i, &header) == nullptr || header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0) continue;
    segments.push_back({header.p_vaddr, header.p_offset, header.p_filesz});
  }
  return segments;
}

void addSymbols(Elf *elf, Elf_Scn *section, const GElf_Shdr &header, const std::vector<Segment> &segments, ElfFile &file,
                std::set<std::pair<std::string, uint64_t>> &seen) {
  Elf_Data *data = elf_getdata(section, nullptr);
  if (data == nullptr || header.sh_entsize == 0) return;
  const size_t count = data->d_size / header.sh_entsize;
  for (size_t i = 0; i < count; i++) {
    GElf_Sym symbol;
    if (gelf_getsym(data, i, &symbol) == nullptr) return;
    // an IFUNC's address is its resolver, which runs once: nothing to trace
    if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF || symbol.st_value == 0) continue;
    const char *name = elf_strptr(elf, header.sh_link, symbol.st_name);
    if (name == nullptr || *name == '\0') continue;
    for (const Segment &segment : segments) {
      if (symbol.st_value < segment.address || symbol.st_value - segment.address >= segment.size) continue;
      const uint64_t offset = symbol.st_value - segment.address + segment.offset;
      if (seen.emplace(name, offset).second) file.functions.push_back({name, offset, symbol.st_size, GELF_ST_BIND(symbol.st_info) != STB_LOCAL});
      break;
    }
  }
}

}  // namespace

ElfFile readElf(const std::string &path) {
  const Open open(path);
  ElfFile file;
  GElf_Ehdr header;
  size_t names = 0;
  if (gelf_getehdr(open.elf, &header) == nullptr || elf_getshdrstrndx(open.elf, &names) != 0) throw Failure("read elf", path, ENOEXEC, "damaged ELF header");
  file.machine = header.e_machine;
  const std::vector<Segment> segments = executableSegments(open.elf);
  std::set<std::pair<std::string, uint64_t>> seen;
  for (Elf_Scn *section = elf_nextscn(open.elf, nullptr); section != nullptr; section = elf_nextscn(open.elf, section)) {
    GElf_Shdr info;
    if (gelf_getshdr(section, &info) == nullptr) continue;
    const char *name = elf_strptr(open.elf, names, info.sh_name);
    if (name != nullptr && (strcmp(name, ".gopclntab") == 0 || strcmp(name, ".go.buildinfo") == 0)) file.go = true;
    if (info.sh_type == SHT_SYMTAB) file.symtab = true;
    if (info.sh_type == SHT_SYMTAB || info.sh_type == SHT_DYNSYM) addSymbols(open.elf, section, info, segments, file, seen);
  }
  return file;
}
