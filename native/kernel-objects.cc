#include "kernel-objects.h"

#include <bpf/bpf.h>

#include <cerrno>

#include "errors.h"

namespace {

template <typename Info>
Info infoOf(int fd, const char *operation, const std::string &target) {
  Info info{};
  uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) throw Failure(operation, target, errno);
  return info;
}

template <typename Info>
void each(const char *operation, int (*next)(uint32_t, uint32_t *), int (*open)(uint32_t), const std::function<void(uint32_t, int, const Info &)> &use) {
  for (uint32_t id = 0;;) {
    if (next(id, &id) != 0) {
      if (errno == ENOENT) return;  // that was the last one
      throw Failure(operation, "of this machine", errno);
    }
    const Fd fd(open(id));
    const int error = fd.valid() ? 0 : errno;
    if (error == ENOENT) continue;  // it has gone since
    const std::string target = "id " + std::to_string(id);
    if (error != 0) throw Failure(operation, target, error);
    use(id, fd.get(), infoOf<Info>(fd.get(), operation, target));
  }
}

}  // namespace

bpf_map_info mapInfo(int fd, const std::string &target) { return infoOf<bpf_map_info>(fd, "read map", target); }

OpenMap mapOf(uint32_t id, const std::string &target) {
  Fd fd(bpf_map_get_fd_by_id(id));
  if (!fd.valid()) throw Failure("read map", target, errno);
  const bpf_map_info info = mapInfo(fd.get(), target);
  return {std::move(fd), info};
}

void eachMap(const std::function<void(uint32_t, int, const bpf_map_info &)> &use) {
  each<bpf_map_info>("read map", bpf_map_get_next_id, bpf_map_get_fd_by_id, use);
}

void eachProgram(const std::function<void(uint32_t, int, const bpf_prog_info &)> &use) {
  each<bpf_prog_info>("read programs", bpf_prog_get_next_id, bpf_prog_get_fd_by_id, use);
}
