// An ELF file open for reading, its texts and its segments: what elf.cc, usdt.cc and elf-symbols.cc begin with. Whoever wrote
// the file may have meant harm: it is read and never mapped (one that shrinks meanwhile would end this process by SIGBUS), and
// what it says of itself takes neither more memory nor more time than the limits here allow.
#pragma once
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "errors.h"

/** Of sections, all together: those of the largest browsers with their debug symbols are less. */
constexpr uint64_t kMostElfBytes = 320ull << 20;
/** libelf makes 200 bytes for each, before it has read one. */
constexpr uint64_t kMostElfSections = 1 << 20;
/** A name is cut here: the demangler takes no longer one. */
constexpr size_t kLongestSymbol = 8 << 10;
/** Of loaded segments: a file has less than twenty. */
constexpr size_t kMostSegments = 256;

/** Closes what libelf and the kernel opened, whichever way the reading ends. */
class OpenElf {
 public:
  /** @throws Failure */
  explicit OpenElf(const std::string &path) {
    own_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);  // a FIFO in its place would keep it waiting
    if (own_ < 0) throw Failure("read elf", path, errno);
    open(own_, path);
  }
  /** The file stays the caller's. @throws Failure */
  explicit OpenElf(int fd) { open(fd, "of a process"); }
  /** Of this process's own memory. @throws Failure */
  OpenElf(char *start, size_t size) {
    elf_version(EV_CURRENT);
    elf_ = elf_memory(start, size);
    begin("in memory");
  }
  OpenElf(const OpenElf &) = delete;
  OpenElf &operator=(const OpenElf &) = delete;
  ~OpenElf() { close(); }

  Elf *elf() const { return elf_; }
  /** Of a file that was opened by its path. */
  int fd() const { return own_; }
  const GElf_Ehdr &header() const { return header_; }

  /** Its bytes; null where there are none, or where they are too many. */
  Elf_Data *data(Elf_Scn *section, const GElf_Shdr &info) const {
    if (info.sh_type == SHT_NOBITS || info.sh_size > left_) return nullptr;
    left_ -= info.sh_size;
    Elf_Data *data = elf_getdata(section, nullptr);
    return data == nullptr || data->d_buf == nullptr ? nullptr : data;
  }
  template <typename Visit>
  void sections(Visit visit) const {
    for (Elf_Scn *section = elf_nextscn(elf_, nullptr); section != nullptr; section = elf_nextscn(elf_, section)) {
      GElf_Shdr info;
      if (gelf_getshdr(section, &info) != nullptr) visit(section, info);
    }
  }

 private:
  void open(int fd, const std::string &path) {
    elf_version(EV_CURRENT);
    if (plausible(fd)) elf_ = elf_begin(fd, ELF_C_READ, nullptr);
    begin(path);
  }
  void begin(const std::string &path) {
    if (elf_ == nullptr || elf_kind(elf_) != ELF_K_ELF) {
      close();
      throw Failure("read elf", path, ENOEXEC, "not an ELF file");
    }
    if (gelf_getehdr(elf_, &header_) == nullptr) {
      close();
      throw Failure("read elf", path, ENOEXEC, "damaged ELF header");
    }
  }
  void close() {
    if (elf_ != nullptr) elf_end(elf_);
    if (own_ >= 0) ::close(own_);
    elf_ = nullptr;
    own_ = -1;
  }

  /** Where the header has no room for the number of sections, the first section says it: any number. */
  static bool plausible(int fd) {
    union {
      Elf64_Ehdr wide;
      Elf32_Ehdr narrow;
    } header{};
    if (pread(fd, &header, sizeof header, 0) < static_cast<ssize_t>(sizeof header.narrow)) return false;
    const bool wide = header.wide.e_ident[EI_CLASS] == ELFCLASS64;
    const bool swapped = header.wide.e_ident[EI_DATA] != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB);
    if ((wide ? header.wide.e_phnum : header.narrow.e_phnum) == PN_XNUM) return false;  // such has a core dump only
    if ((wide ? header.wide.e_shnum : header.narrow.e_shnum) != 0) return true;
    const uint64_t at = wide ? number(header.wide.e_shoff, swapped) : number(header.narrow.e_shoff, swapped);
    if (at == 0) return true;
    Elf64_Shdr first{};
    Elf32_Shdr narrow{};
    if (pread(fd, wide ? static_cast<void *>(&first) : &narrow, wide ? sizeof first : sizeof narrow, static_cast<off_t>(at)) < 0) return false;
    return (wide ? number(first.sh_size, swapped) : number(narrow.sh_size, swapped)) <= kMostElfSections;
  }
  static uint64_t number(uint64_t value, bool swapped) { return swapped ? __builtin_bswap64(value) : value; }
  static uint64_t number(uint32_t value, bool swapped) { return swapped ? __builtin_bswap32(value) : value; }

  int own_ = -1;
  Elf *elf_ = nullptr;
  GElf_Ehdr header_{};
  mutable uint64_t left_ = kMostElfBytes;
};

/** A section of texts. Not elf_strptr: that looks for the section's last NUL for each of a million names. */
class Strings {
 public:
  Strings(const OpenElf &file, size_t section) {
    Elf_Scn *found = section == 0 ? nullptr : elf_getscn(file.elf(), section);
    GElf_Shdr info;
    if (found == nullptr || gelf_getshdr(found, &info) == nullptr || info.sh_type != SHT_STRTAB) return;
    const Elf_Data *data = file.data(found, info);
    if (data != nullptr) all_ = {static_cast<const char *>(data->d_buf), data->d_size};
  }
  /** Of the sections' names. */
  static Strings ofSections(const OpenElf &file) {
    size_t section = 0;
    return Strings(file, elf_getshdrstrndx(file.elf(), &section) == 0 ? section : 0);
  }
  /** Up to its end; empty where nothing is. */
  std::string_view at(size_t offset) const {
    if (offset >= all_.size()) return {};
    const char *text = all_.data() + offset;
    return {text, strnlen(text, std::min(all_.size() - offset, kLongestSymbol))};
  }

 private:
  std::string_view all_;
};

/** Calls `visit(symbol, name)` for each symbol of a section until it says false. */
template <typename Visit>
void visitSymbols(const OpenElf &file, Elf_Scn *section, const GElf_Shdr &info, Visit visit) {
  Elf_Data *data = file.data(section, info);
  if (data == nullptr) return;
  const Strings names(file, info.sh_link);
  const size_t size = gelf_fsize(file.elf(), ELF_T_SYM, 1, EV_CURRENT);  // whatever sh_entsize says
  for (size_t i = 0; size != 0 && i < data->d_size / size; i++) {
    GElf_Sym symbol;
    if (gelf_getsym(data, static_cast<int>(i), &symbol) == nullptr || !visit(symbol, names.at(symbol.st_name))) return;
  }
}

/** The loaded parts of a file: from addresses, which symbols and notes give, to offsets, which a uprobe wants. */
class Segments {
 public:
  Segments(const OpenElf &file) {
    size_t count = 0;
    if (elf_getphdrnum(file.elf(), &count) != 0) return;
    for (size_t i = 0; i < count && segments_.size() < kMostSegments; i++) {
      GElf_Phdr header;
      if (gelf_getphdr(file.elf(), static_cast<int>(i), &header) == nullptr || header.p_type != PT_LOAD) continue;
      segments_.push_back({header.p_vaddr, header.p_offset, header.p_filesz, (header.p_flags & PF_X) != 0});
    }
  }
  std::optional<uint64_t> offset(uint64_t address, bool executable) const {
    for (const Segment &each : segments_)
      if (each.executable == executable && address >= each.address && address - each.address < each.size) return address - each.address + each.offset;
    return std::nullopt;
  }
  struct Segment {
    uint64_t address, offset, size;
    bool executable;
  };
  const std::vector<Segment> &all() const { return segments_; }

 private:
  std::vector<Segment> segments_;
};
