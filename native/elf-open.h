// An ELF file open for reading, and its segments: what elf.cc and usdt.cc both begin with.
#pragma once
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "errors.h"

/** Closes what libelf and the kernel opened, whichever way the reading ends. */
class OpenElf {
 public:
  /** @throws Failure */
  explicit OpenElf(const std::string &path) {
    elf_version(EV_CURRENT);
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) throw Failure("read elf", path, errno);
    elf_ = elf_begin(fd_, ELF_C_READ_MMAP, nullptr);
    if (elf_ == nullptr || elf_kind(elf_) != ELF_K_ELF) {
      close();
      throw Failure("read elf", path, ENOEXEC, "not an ELF file");
    }
    if (gelf_getehdr(elf_, &header_) == nullptr || elf_getshdrstrndx(elf_, &names_) != 0) {
      close();
      throw Failure("read elf", path, ENOEXEC, "damaged ELF header");
    }
  }
  OpenElf(const OpenElf &) = delete;
  ~OpenElf() { close(); }

  Elf *elf() const { return elf_; }
  const GElf_Ehdr &header() const { return header_; }
  /** Of a section; "" where it has none. */
  std::string name(const GElf_Shdr &section) const {
    const char *text = elf_strptr(elf_, names_, section.sh_name);
    return text == nullptr ? "" : text;
  }
  template <typename Visit>
  void sections(Visit visit) const {
    for (Elf_Scn *section = elf_nextscn(elf_, nullptr); section != nullptr; section = elf_nextscn(elf_, section)) {
      GElf_Shdr info;
      if (gelf_getshdr(section, &info) != nullptr) visit(section, info);
    }
  }

 private:
  void close() {
    if (elf_ != nullptr) elf_end(elf_);
    if (fd_ >= 0) ::close(fd_);
    elf_ = nullptr;
    fd_ = -1;
  }
  int fd_ = -1;
  Elf *elf_ = nullptr;
  GElf_Ehdr header_{};
  size_t names_ = 0;
};

/** The loaded parts of a file: from addresses, which symbols and notes give, to offsets, which a uprobe wants. */
class Segments {
 public:
  Segments(const OpenElf &file) {
    size_t count = 0;
    if (elf_getphdrnum(file.elf(), &count) != 0) return;
    for (size_t i = 0; i < count; i++) {
      GElf_Phdr header;
      if (gelf_getphdr(file.elf(), i, &header) == nullptr || header.p_type != PT_LOAD) continue;
      segments_.push_back({header.p_vaddr, header.p_offset, header.p_filesz, (header.p_flags & PF_X) != 0});
    }
  }
  std::optional<uint64_t> offset(uint64_t address, bool executable) const {
    for (const Segment &each : segments_)
      if (each.executable == executable && address >= each.address && address - each.address < each.size) return address - each.address + each.offset;
    return std::nullopt;
  }

 private:
  struct Segment {
    uint64_t address, offset, size;
    bool executable;
  };
  std::vector<Segment> segments_;
};
