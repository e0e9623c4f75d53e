#include "ring.h"

#include <cerrno>

#include "errors.h"

namespace {

/** A writer that is faster than the reader must not keep it here for ever. */
constexpr size_t kMost = 4 << 20;

}  // namespace

Ring::Ring(const std::string &name, int fd) : name_(name) {
  const LibbpfLog log;
  ring_ = ring_buffer__new(fd, take, this, nullptr);
  if (ring_ == nullptr) throw Failure("read map", name, errno, log.text());
}

int Ring::take(void *self, void *data, size_t size) {
  auto &taken = static_cast<Ring *>(self)->taken_;
  const auto *bytes = static_cast<const uint8_t *>(data);
  taken.insert(taken.end(), bytes, bytes + size);
  return taken.size() < kMost ? 0 : -ECANCELED;  // this record is taken all the same
}

std::vector<uint8_t> Ring::drain() {
  taken_.clear();
  const int error = ring_buffer__consume(ring_);
  if (error < 0 && error != -ECANCELED) throw Failure("read map", name_, -error);
  return std::move(taken_);
}
