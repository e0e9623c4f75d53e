#include "cpu-event.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "errors.h"

CpuEvent::CpuEvent(bpf_program *program, const perf_event_attr &attr, uint64_t cookie, int cpu)
    : program_(program), attr_(attr), cookie_(cookie), cpu_(cpu) {
  const int error = open();
  if (error != 0 && error != ENODEV && error != ENXIO)  // possible, but not online
    throw Failure("attach", attr.type == PERF_TYPE_HARDWARE ? "hardware event" : "software event", error);
}

CpuEvent::~CpuEvent() { close(); }

int CpuEvent::open() {
  const int fd = syscall(SYS_perf_event_open, &attr_, -1, cpu_, -1, PERF_FLAG_FD_CLOEXEC);
  if (fd < 0) return errno;
  // only counters of the hardware are fewer than events may be
  auto heldBack = std::make_unique<HeldBack>(fd, attr_.type == PERF_TYPE_HARDWARE ? attr_.sample_period : 0);
  LIBBPF_OPTS(bpf_perf_event_opts, options, .bpf_cookie = cookie_);
  bpf_link *link = bpf_program__attach_perf_event_opts(program_, fd, &options);
  if (const long error = libbpf_get_error(link); error != 0) {
    ::close(fd);  // else the link owns it
    return static_cast<int>(-error);
  }
  link_ = link;
  heldBack_ = std::move(heldBack);
  return 0;
}

void CpuEvent::close() {
  heldBack_.reset();
  if (link_ != nullptr) bpf_link__destroy(link_);
  link_ = nullptr;
}

uint64_t CpuEvent::missed() {
  if (heldBack_ && !heldBack_->goesOn()) {
    before_ += heldBack_->count();
    close();
  }
  if (!heldBack_ && !refused_) {
    const int error = open();
    if (error == 0 || (error != ENODEV && error != ENXIO)) before_++;
    refused_ = error != 0 && error != ENODEV && error != ENXIO;  // as when privileges were given up: it stays without
  }
  return before_ + (heldBack_ ? heldBack_->count() : 0);
}
