// Notes of an ELF file: the one that says its build id, and a walk over all.
#pragma once
#include "elf-open.h"

/** Calls `visit(note, name, description)` for each note of a section, whose bytes all lie within it, until it says false. */
template <typename Visit>
void visitNotes(const OpenElf &file, Elf_Scn *section, const GElf_Shdr &info, Visit visit) {
  Elf_Data *data = file.data(section, info);
  if (data == nullptr) return;
  GElf_Nhdr note;
  size_t name = 0, description = 0;
  for (size_t at = 0; at < data->d_size && (at = gelf_getnote(data, at, &note, &name, &description)) > 0;) {
    const char *bytes = static_cast<const char *>(data->d_buf);
    if (name > data->d_size || note.n_namesz > data->d_size - name || description > data->d_size || note.n_descsz > data->d_size - description) return;
    if (!visit(note.n_type, std::string_view(bytes + name, note.n_namesz), std::string_view(bytes + description, note.n_descsz))) return;
  }
}

/** In lower case hexadecimal, of the first note that is one; "" when none is. */
inline std::string buildIdOf(const OpenElf &file, Elf_Scn *section, const GElf_Shdr &info) {
  constexpr std::string_view owner("GNU", 4);
  std::string text;
  visitNotes(file, section, info, [&](uint32_t type, std::string_view name, std::string_view id) {
    if (type != NT_GNU_BUILD_ID || name != owner || id.size() > 64) return true;
    for (const char byte : id) {
      text += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4];
      text += "0123456789abcdef"[static_cast<unsigned char>(byte) & 15];
    }
    return false;
  });
  return text;
}
