// A program's perf event on one CPU. The kernel ends the event when the CPU goes, and does not begin it when the CPU comes back,
// which nobody is told: here it is seen, and the event made anew.
#pragma once
#include <bpf/libbpf.h>
#include <linux/perf_event.h>

#include <memory>

#include "held-back.h"

class CpuEvent {
 public:
  /** @throws Failure where the CPU is there and has no such event */
  CpuEvent(bpf_program *program, const perf_event_attr &attr, uint64_t cookie, int cpu);
  ~CpuEvent();
  CpuEvent(const CpuEvent &) = delete;

  /** Events that are not in the numbers, at least so many: samples that the kernel kept back, and one for each time that the CPU
   * was there and the event was not. */
  uint64_t missed();

 private:
  /** What open(2) and its like give: 0, or the errno. */
  int open();
  void close();

  bpf_program *program_;
  perf_event_attr attr_;
  uint64_t cookie_;
  int cpu_;
  bpf_link *link_ = nullptr;
  std::unique_ptr<HeldBack> heldBack_;
  uint64_t before_ = 0;  // of events that were ended
  bool refused_ = false;
};
