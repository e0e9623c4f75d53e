#include "kernel-objects.h"

#include <bpf/bpf.h>

#include <cerrno>

#include "errors.h"

namespace {

/** 0, or errno. */
template <typename Info>
int readInfo(int fd, Info &info) {
  uint32_t size = sizeof info;
  return bpf_obj_get_info_by_fd(fd, &info, &size) == 0 ? 0 : errno;
}

template <typename Info>
void each(const char *operation, int (*next)(uint32_t, uint32_t *), int (*open)(uint32_t), const std::function<void(uint32_t, int, const Info &)> &use) {
  for (uint32_t id = 0;;) {
    if (next(id, &id) != 0) {
      if (errno == ENOENT) return;  // that was the last one
      throw Failure(operation, "of this machine", errno);
    }
    const Fd fd(open(id));
    Info info{};
    const int error = fd.valid() ? readInfo(fd.get(), info) : errno;
    if (error == ENOENT || error == ENODEV) continue;  // it has gone since, or the network card has that runs it
    if (error != 0) throw Failure(operation, "id " + std::to_string(id), error);
    use(id, fd.get(), info);
  }
}

}  // namespace

bpf_map_info mapInfo(int fd, const std::string &target) {
  bpf_map_info info{};
  const int error = readInfo(fd, info);
  if (error != 0) throw Failure("read map", target, error);
  return info;
}

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
