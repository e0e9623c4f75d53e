// What the kernel keeps back of the samples of one perf event: it stops an event that comes too often until the next tick of
// its clock, and where there are more events than counters it lets them take turns.
#pragma once
#include <cstddef>
#include <cstdint>

class HeldBack {
 public:
  /** @param event stays the caller's */
  HeldBack(int event, uint64_t period);
  ~HeldBack();
  HeldBack(const HeldBack &) = delete;

  /** Since it was made: times that samples were kept back, and samples that fell into the turns of others. At least so many. */
  uint64_t count();
  /** Whether it still counts: the kernel ends it when its CPU goes, and does not tell. */
  bool goesOn();

 private:
  void readRecords();

  int event_;
  uint64_t period_;
  void *pages_ = nullptr;  // one that says where records are, and one of records
  size_t pageSize_;
  uint64_t stops_ = 0, turns_ = 0;
  uint64_t seenAt_, enabled_ = 0;  // ns, by the clock and by the event's own, when it was last looked at
};
