// Bytes that are written before they are read: to grow does not clear them, and what is large is moved by its pages, never copied.
// They may be handed to JavaScript as they are, which frees them.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(size_t size) { resize(size); }
  Bytes(Bytes &&other) noexcept { swap(other); }
  Bytes &operator=(Bytes &&other) noexcept {
    swap(other);
    return *this;
  }

  uint8_t *data() { return memory_.get(); }
  const uint8_t *data() const { return memory_.get(); }
  uint8_t &operator[](size_t at) { return memory_.get()[at]; }
  const uint8_t &operator[](size_t at) const { return memory_.get()[at]; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /** Keeps the memory. */
  void clear() { size_ = 0; }
  /** What is new is not cleared. */
  void resize(size_t size) {
    if (size > room_) reallocate(std::max(size, room_ + room_ / 2));
    size_ = size;
  }
  /** Adds bytes that are not cleared: where they begin. */
  uint8_t *add(size_t size) {
    const size_t at = size_;
    resize(size_ + size);
    return data() + at;
  }
  void append(const uint8_t *bytes, size_t size) {
    if (size > 0) memcpy(add(size), bytes, size);
  }
  /** The memory, cut to its size, for who frees it. */
  uint8_t *release() {
    if (size_ < room_) reallocate(std::max<size_t>(size_, 1));
    size_ = room_ = 0;
    return memory_.release();
  }

 private:
  struct Free {
    void operator()(uint8_t *memory) const { free(memory); }
  };

  void reallocate(size_t room) {
    void *moved = realloc(memory_.get(), room);
    if (moved == nullptr) throw std::bad_alloc();
    static_cast<void>(memory_.release());
    memory_.reset(static_cast<uint8_t *>(moved));
    room_ = room;
  }
  void swap(Bytes &other) {
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    std::swap(room_, other.room_);
  }

  std::unique_ptr<uint8_t[], Free> memory_;
  size_t size_ = 0, room_ = 0;
};
