#include "process-text.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr size_t kLongestName = 500;

}  // namespace

uint64_t startTimeIn(const std::string &stat) {
  const size_t name = stat.rfind(')');  // the name in front may hold anything
  if (name == std::string::npos || name + 2 >= stat.size()) return 0;
  const char *at = stat.c_str() + name + 2;
  if (*at == 'Z' || *at == 'X') return 0;
  for (int field = 3; field < 22; field++) {
    at = strchr(at, ' ');
    if (at == nullptr) return 0;
    at++;
  }
  return strtoull(at, nullptr, 10);
}

bool parseMapping(const char *line, MappingLine &mapping) {
  char permissions[5] = {};
  unsigned long start = 0, end = 0, offset = 0, inode = 0;
  int path = 0;
  if (sscanf(line, "%lx-%lx %4s %lx %*s %lu %n", &start, &end, permissions, &offset, &inode, &path) < 5) return false;
  if (permissions[0] == 0 || permissions[1] == 0 || permissions[2] != 'x' || end <= start) return false;
  mapping = {start, end, offset, inode, std::string(line + path, strcspn(line + path, "\n"))};
  return true;
}

bool parseStatus(const std::string &status, StatusLines &lines) {
  const size_t numbers = status.find("\nNSpid:"), users = status.find("\nUid:");
  if (numbers == std::string::npos || users == std::string::npos) return false;
  const std::string own = status.substr(numbers + 7, status.find('\n', numbers + 1) - numbers - 7);
  lines.pid = atoi(own.c_str() + own.find_last_of(" \t") + 1);
  char *at = nullptr;
  strtoul(status.c_str() + users + 5, &at, 10);
  lines.user = static_cast<uid_t>(strtoul(at, nullptr, 10));
  return true;
}

void parseJitMap(const std::string &text, SymbolTable &table) {
  for (size_t line = 0; line < text.size();) {
    const size_t end = std::min(text.find('\n', line), text.size());
    char *next = nullptr;
    const uint64_t start = strtoull(&text[line], &next, 16);
    const uint64_t size = strtoull(next, &next, 16);
    const size_t name = next - text.data() + 1;
    if (size > 0 && name < end && !table.add(start, size, std::string_view(text).substr(name, std::min(end - name, kLongestName)))) return;
    line = end + 1;
  }
}

std::string baseName(const std::string &path) {
  constexpr std::string_view deleted = " (deleted)";
  const bool gone = path.size() > deleted.size() && path.compare(path.size() - deleted.size(), deleted.size(), deleted) == 0;
  const std::string kept = path.substr(0, path.size() - (gone ? deleted.size() : 0));
  return kept.substr(kept.rfind('/') + 1);
}

std::string shortened(std::string name) {
  if (name.size() <= kLongestName) return name;
  size_t cut = kLongestName;
  while (cut > 0 && (static_cast<unsigned char>(name[cut]) & 0xc0) == 0x80) cut--;
  return name.substr(0, cut) + "…";
}
