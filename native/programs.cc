#include "programs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>

#include "errors.h"
#include "kernel-objects.h"

namespace {

template <size_t N>
void copyText(char (&into)[N], const std::string &text) {
  memset(into, 0, N);
  memcpy(into, text.data(), std::min(text.size(), N - 1));
}

std::string firstLine(const std::string &path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/** The whole name: the kernel keeps 15 bytes of it, its BTF all. */
std::string nameOf(int fd, const bpf_prog_info &info) {
  if (info.btf_id == 0 || info.nr_func_info == 0 || strlen(info.name) < BPF_OBJ_NAME_LEN - 1) return info.name;
  bpf_func_info function{};
  bpf_prog_info again{};
  uint32_t size = sizeof again;
  again.nr_func_info = 1;
  again.func_info_rec_size = sizeof function;
  again.func_info = reinterpret_cast<uint64_t>(&function);
  if (bpf_obj_get_info_by_fd(fd, &again, &size) != 0) return info.name;
  const LibbpfLog log;
  btf *loaded = btf__load_from_kernel_by_id(info.btf_id);
  if (libbpf_get_error(loaded) != 0 || loaded == nullptr) return info.name;
  const std::unique_ptr<btf, void (*)(btf *)> types(loaded, btf__free);
  const btf_type *type = btf__type_by_id(types.get(), function.type_id);
  const char *name = type == nullptr ? nullptr : btf__name_by_offset(types.get(), type->name_off);
  return name == nullptr || *name == 0 ? info.name : name;
}

struct Holder {
  uint32_t pid;
  std::string process;
};

/** Which process holds which program, or a link to it; of several, the oldest. */
std::map<uint32_t, Holder> holders() {
  std::map<uint32_t, Holder> found;
  const std::unique_ptr<DIR, int (*)(DIR *)> proc(opendir("/proc"), closedir);
  for (const dirent *entry; proc && (entry = readdir(proc.get())) != nullptr;) {
    const uint32_t pid = static_cast<uint32_t>(strtoul(entry->d_name, nullptr, 10));
    if (pid == 0) continue;
    const std::string folder = std::string("/proc/") + entry->d_name;
    const std::unique_ptr<DIR, int (*)(DIR *)> fds(opendir((folder + "/fd").c_str()), closedir);
    for (const dirent *fd; fds && (fd = readdir(fds.get())) != nullptr;) {
      char target[64];
      const ssize_t length = readlinkat(dirfd(fds.get()), fd->d_name, target, sizeof target - 1);
      if (length <= 0) continue;
      target[length] = 0;
      if (strncmp(target, "anon_inode:", 11) != 0 || strstr(target, "bpf") == nullptr) continue;
      std::ifstream info(folder + "/fdinfo/" + fd->d_name);
      for (std::string line; std::getline(info, line);) {
        if (line.rfind("prog_id:", 0) != 0) continue;
        const uint32_t id = static_cast<uint32_t>(strtoul(line.c_str() + 8, nullptr, 10));
        const auto known = found.find(id);
        if (known == found.end() || known->second.pid > pid) found[id] = {pid, firstLine(folder + "/comm")};
      }
    }
  }
  return found;
}

ProgramKey keyOf(uint32_t id, int fd, const bpf_prog_info &info, const std::map<uint32_t, Holder> &holding) {
  ProgramKey key{};
  const char *type = libbpf_bpf_prog_type_str(static_cast<bpf_prog_type>(info.type));
  key.id = id;
  copyText(key.type, type != nullptr ? type : "type " + std::to_string(info.type));
  copyText(key.name, nameOf(fd, info));
  const auto holder = holding.find(id);
  if (holder == holding.end()) return key;
  key.pid = holder->second.pid;
  copyText(key.process, holder->second.process);
  return key;
}

}  // namespace

void ProgramTable::each(const std::function<void(const uint8_t *, const uint8_t *)> &use) {
  for (auto &[id, known] : known_) known.seen = false;
  std::map<uint32_t, Holder> holding;
  bool looked = false;
  eachProgram([&](uint32_t id, int fd, const bpf_prog_info &info) {
    auto known = known_.find(id);
    if (known == known_.end() || known->second.loaded != info.load_time) {
      if (!looked) holding = holders();  // thousands of small files: only when there is a new program
      looked = true;
      known = known_.insert_or_assign(id, Known{keyOf(id, fd, info, holding), info.load_time, true}).first;
    }
    known->second.seen = true;
    const ProgramValue value{info.run_cnt, info.run_time_ns, info.recursion_misses};
    use(reinterpret_cast<const uint8_t *>(&known->second.key), reinterpret_cast<const uint8_t *>(&value));
  });
  for (auto known = known_.begin(); known != known_.end();) known = known->second.seen ? std::next(known) : known_.erase(known);
}
