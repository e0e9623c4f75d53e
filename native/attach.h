// One attach point or multi-attach of a loaded program. Owns nothing: returns what keeps it attached.
#pragma once
#include <bpf/libbpf.h>

#include <memory>
#include <vector>

#include "cpu-event.h"
#include "spec.h"

/** What keeps probes attached; closing it detaches them. */
class Attachment {
 public:
  explicit Attachment(bpf_link *link) : link_(link) {}
  explicit Attachment(int fd) : fd_(fd) {}
  Attachment(const bpf_program *program, std::unique_ptr<CpuEvent> event) : sampled_(program), event_(std::move(event)) {}
  Attachment(Attachment &&other) noexcept;
  Attachment(const Attachment &) = delete;
  ~Attachment();

  /** Samples of `program` that were kept back, or not taken, as far as this is one of its perf events. */
  uint64_t heldBack(const bpf_program *program) const { return program == sampled_ && event_ ? event_->missed() : 0; }

 private:
  bpf_link *link_ = nullptr;
  int fd_ = -1;
  const bpf_program *sampled_ = nullptr;
  std::unique_ptr<CpuEvent> event_;
};

/** A place in a file that the kernel puts no probe on, and the errno's name. */
struct RefusedPlace {
  std::string path;
  uint64_t offset;
  std::string code;
};

/** Adds to `attached`, and to `refused` where only single places of a file are at fault. @throws Failure */
void attach(bpf_program *program, const AttachSpec &spec, std::vector<Attachment> &attached, std::vector<RefusedPlace> &refused);
