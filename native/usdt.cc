#include "usdt.h"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "elf-note.h"
#include "elf-open.h"

namespace {

constexpr uint32_t kStapsdt = 3;  // type of the notes that sys/sdt.h writes
constexpr size_t kMostSites = 100'000, kMostMentioned = 10'000, kMostAddresses = 16;

/** The next NUL-ended text of a note's bytes, or false: it does not end within them. */
bool take(const char *&at, const char *end, std::string &text) {
  const auto *nul = static_cast<const char *>(memchr(at, '\0', end - at));
  if (nul == nullptr) return false;
  text.assign(at, nul);
  at = nul + 1;
  return true;
}

uint64_t word(const char *at, bool wide) {
  uint64_t value = 0;
  memcpy(&value, at, wide ? 8 : 4);
  return value;
}

struct Notes {
  UsdtFile &file;
  const Segments &segments;
  uint64_t base;  // where .stapsdt.base is now: prelink moves it and the probes, but not what the notes say

  void add(const OpenElf &open, Elf_Scn *section, const GElf_Shdr &info) {
    constexpr std::string_view owner("stapsdt", 8);
    visitNotes(open, section, info, [&](uint32_t type, std::string_view name, std::string_view bytes) {
      if (type == kStapsdt && name == owner) addSite(bytes.data(), bytes.size());
      return file.sites.size() < kMostSites;
    });
  }

 private:
  void addSite(const char *bytes, size_t size) {
    const size_t words = file.wide ? 8 : 4;
    if (size < 3 * words) return;
    const char *at = bytes + 3 * words;
    UsdtSite site;
    if (!take(at, bytes + size, site.provider) || !take(at, bytes + size, site.name) || !take(at, bytes + size, site.arguments)) return;
    const uint64_t moved = base == 0 ? 0 : base - word(bytes + words, file.wide);
    const uint64_t semaphore = word(bytes + 2 * words, file.wide);
    site.address = word(bytes, file.wide) + moved;
    const auto offset = segments.offset(site.address, true);
    if (!offset) return;
    site.offset = *offset;
    site.semaphore = semaphore == 0 ? 0 : segments.offset(semaphore + moved, false).value_or(0);
    file.sites.push_back(std::move(site));
  }
};

/** Names in the arguments that may be symbols: neither registers nor numbers. */
void mention(const std::string &text, UsdtSymbols &symbols) {
  const auto part = [](char c) { return isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; };
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && part(text[end])) end++;
    if (end == at) {
      at++;
      continue;
    }
    if (symbols.size() < kMostMentioned && (at == 0 || text[at - 1] != '%') && isdigit(static_cast<unsigned char>(text[at])) == 0) symbols[text.substr(at, end - at)];
    at = end;
  }
}

void findSymbols(const OpenElf &open, UsdtSymbols &symbols) {
  open.sections([&](Elf_Scn *section, const GElf_Shdr &info) {
    if (info.sh_type != SHT_SYMTAB && info.sh_type != SHT_DYNSYM) return;
    visitSymbols(open, section, info, [&](const GElf_Sym &symbol, std::string_view name) {
      // a thread's own variable has no address but an offset
      if (symbol.st_shndx == SHN_UNDEF || symbol.st_value == 0 || GELF_ST_TYPE(symbol.st_info) == STT_TLS) return true;
      const auto wanted = symbols.find(name);
      if (wanted == symbols.end()) return true;
      auto &addresses = wanted->second;
      if (addresses.size() < kMostAddresses && std::find(addresses.begin(), addresses.end(), symbol.st_value) == addresses.end())
        addresses.push_back(symbol.st_value);
      return true;
    });
  });
}

}  // namespace

UsdtFile readUsdt(const std::string &path, const std::string &debugFile) {
  const OpenElf open(path);
  UsdtFile file;
  file.machine = open.header().e_machine;
  file.wide = open.header().e_ident[EI_CLASS] == ELFCLASS64;
  file.fixed = open.header().e_type == ET_EXEC;
  const Segments segments(open);
  const Strings names = Strings::ofSections(open);
  uint64_t base = 0;
  open.sections([&](Elf_Scn *, const GElf_Shdr &info) {
    if (names.at(info.sh_name) == ".stapsdt.base") base = info.sh_addr;
  });
  Notes notes{file, segments, base};
  open.sections([&](Elf_Scn *section, const GElf_Shdr &info) {
    if (info.sh_type == SHT_NOTE && names.at(info.sh_name) == ".note.stapsdt") notes.add(open, section, info);
    else if (info.sh_type == SHT_NOTE && file.buildId.empty()) file.buildId = buildIdOf(open, section, info);
  });
  for (const UsdtSite &site : file.sites) mention(site.arguments, file.symbols);
  if (file.symbols.empty()) return file;
  findSymbols(open, file.symbols);
  if (!debugFile.empty()) findSymbols(OpenElf(debugFile), file.symbols);
  for (auto each = file.symbols.begin(); each != file.symbols.end();) each = each->second.empty() ? file.symbols.erase(each) : std::next(each);
  return file;
}
