// A BPF ring buffer, emptied on demand: nobody is woken by it.
#pragma once
#include <bpf/libbpf.h>

#include <cstdint>
#include <string>
#include <vector>

class Ring {
 public:
  /** @throws Failure */
  Ring(const std::string &name, int fd);
  ~Ring() { ring_buffer__free(ring_); }
  Ring(const Ring &) = delete;

  /** Records, one behind the other, at most a few MiB: the rest waits. @throws Failure */
  std::vector<uint8_t> drain();

 private:
  static int take(void *self, void *data, size_t size);

  std::string name_;
  ring_buffer *ring_ = nullptr;
  std::vector<uint8_t> taken_;
};
