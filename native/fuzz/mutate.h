// Seeded mutations of bytes: bits, words that are interesting to a parser, blocks moved or repeated, ends cut off. In an ELF
// file the headers and the tables are hit more often than the code between them.
#pragma once
#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

class Mutator {
 public:
  using Bytes = std::vector<uint8_t>;

  explicit Mutator(uint64_t seed) : state_(seed * 2 + 1) {}

  Bytes mutated(const std::vector<Bytes> &good) {
    Bytes bytes = good[random() % good.size()];
    places(bytes);
    for (uint64_t left = 1 + random() % 8; left > 0; left--) once(bytes, good);
    return bytes;
  }

 private:
  struct Range {
    uint64_t from, size;
  };

  uint64_t random() {  // xorshift64*
    state_ ^= state_ >> 12, state_ ^= state_ << 25, state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1d >> 8;
  }

  void places(const Bytes &bytes) {
    places_.clear();
    Elf64_Ehdr header;
    if (bytes.size() < sizeof header || memcmp(bytes.data(), ELFMAG, SELFMAG) != 0) return;
    memcpy(&header, bytes.data(), sizeof header);
    places_.push_back({0, sizeof header});
    places_.push_back({header.e_phoff, uint64_t{header.e_phnum} * header.e_phentsize});
    places_.push_back({header.e_shoff, uint64_t{header.e_shnum} * header.e_shentsize});
    for (int i = 0; i < header.e_shnum; i++) {
      Elf64_Shdr section;
      const uint64_t at = header.e_shoff + i * sizeof section;
      if (at + sizeof section > bytes.size()) return;
      memcpy(&section, &bytes[at], sizeof section);
      if (section.sh_type == SHT_SYMTAB || section.sh_type == SHT_DYNSYM || section.sh_type == SHT_NOTE || section.sh_type == SHT_STRTAB)
        places_.push_back({section.sh_offset, section.sh_size});
      else if (section.sh_type == SHT_PROGBITS && (section.sh_flags & SHF_EXECINSTR) == 0) places_.push_back({section.sh_offset, section.sh_size});
    }
  }

  size_t place(const Bytes &bytes) {
    if (!places_.empty() && random() % 8 != 0) {
      const Range &range = places_[random() % places_.size()];
      if (range.size > 0 && range.from < bytes.size()) return std::min<size_t>(range.from + random() % range.size, bytes.size() - 1);
    }
    return random() % bytes.size();
  }

  uint64_t interesting(const Bytes &bytes) {
    const uint64_t values[] = {0, 1, 2, 7, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff, 0x8000000000000000,
                               0xffffffffffffffff, bytes.size(), bytes.size() - 1, bytes.size() / 2, random() % 64, random(), uint64_t{1} << random() % 64};
    return values[random() % (sizeof values / sizeof *values)];
  }

  void once(Bytes &bytes, const std::vector<Bytes> &good) {
    if (bytes.empty()) bytes.assign(1 + random() % 64, static_cast<uint8_t>(random()));
    const size_t at = place(bytes);
    switch (random() % 8) {
      case 0:
        bytes[at] ^= 1 << random() % 8;
        break;
      case 1:
        bytes[at] = static_cast<uint8_t>(random());
        break;
      case 2:
      case 3: {  // a word where a word would stand
        const size_t size = size_t{1} << random() % 4, from = at / size * size;
        const uint64_t value = interesting(bytes);
        memcpy(&bytes[from], &value, std::min(size, bytes.size() - from));
        break;
      }
      case 4:
        if (random() % 4 == 0) bytes.resize(at);
        break;
      case 5: {  // a part of another
        const Bytes &other = good[random() % good.size()];
        if (other.empty()) break;
        const size_t from = random() % other.size(), size = std::min({other.size() - from, bytes.size() - at, size_t{1} + random() % 256});
        memcpy(&bytes[at], &other[from], size);
        break;
      }
      case 6: {  // once more, what stands there
        const size_t size = std::min<size_t>(bytes.size() - at, 1 + random() % 64);
        const Bytes block(bytes.begin() + static_cast<ptrdiff_t>(at), bytes.begin() + static_cast<ptrdiff_t>(at + size));
        for (uint64_t times = random() % 4; times > 0; times--) bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(at), block.begin(), block.end());
        break;
      }
      case 7: {
        const size_t size = std::min<size_t>(bytes.size() - at, 1 + random() % 16);
        bytes.erase(bytes.begin() + static_cast<ptrdiff_t>(at), bytes.begin() + static_cast<ptrdiff_t>(at + size));
        break;
      }
    }
  }

  uint64_t state_;
  std::vector<Range> places_;
};
