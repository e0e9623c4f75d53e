#include "held-back.h"

#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace {

/** What read(2) gives by PERF_FORMAT_TOTAL_TIME_ENABLED and _RUNNING; times are in ns. */
struct Counted {
  uint64_t value, enabled, running;
};

/** PERF_RECORD_THROTTLE, with the task by PERF_SAMPLE_TID; of PERF_RECORD_LOST `id` is how many records found no room. */
struct Record {
  perf_event_header header;
  uint64_t time, id, stream;
  uint32_t process, thread;
};

constexpr uint64_t kSlack = 1000000;  // ns: the two times are not read at once
/** Steps of 1 ms. Where the kernel trusts no time stamp counter, its clock stands still until a tick that is late. */
constexpr int kLateTick = 25;

/** Not steered by NTP, as the clock of the events is not. */
uint64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC_RAW, &time);
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

}  // namespace

HeldBack::HeldBack(int event, uint64_t period)
    : event_(fcntl(event, F_DUPFD_CLOEXEC, 0)), period_(period), pageSize_(sysconf(_SC_PAGESIZE)), seenAt_(now()) {
  void *pages = mmap(nullptr, 2 * pageSize_, PROT_READ | PROT_WRITE, MAP_SHARED, event_, 0);
  if (pages != MAP_FAILED) pages_ = pages;  // without it nothing is known
}

HeldBack::~HeldBack() {
  if (pages_ != nullptr) munmap(pages_, 2 * pageSize_);
  if (event_ >= 0) close(event_);
}

/** No sample is ever written, since the BPF program takes it: what is there are the event's stops and starts, in turn. */
void HeldBack::readRecords() {
  auto *control = static_cast<perf_event_mmap_page *>(pages_);
  const auto *data = static_cast<const uint8_t *>(pages_) + pageSize_;
  const uint64_t head = __atomic_load_n(&control->data_head, __ATOMIC_ACQUIRE);
  uint64_t at = control->data_tail;
  while (at < head) {
    uint8_t bytes[sizeof(Record)];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = data[(at + i) % pageSize_];
    Record record;
    memcpy(&record, bytes, sizeof record);
    // an idle CPU has no ticks that would begin the count anew, and so loses one sample of some hundred: of nobody's work
    if (record.header.type == PERF_RECORD_THROTTLE && record.thread != 0) stops_++;
    if (record.header.type == PERF_RECORD_LOST) stops_ += record.id / 2;
    at += std::max<uint64_t>(record.header.size, sizeof record.header);
  }
  __atomic_store_n(&control->data_tail, head, __ATOMIC_RELEASE);
}

bool HeldBack::goesOn() {
  const uint64_t at = now();
  Counted counted{};
  if (::read(event_, &counted, sizeof counted) != sizeof counted) return true;  // not known
  // read after the clock: an event that goes on has at least as much, but for what the two clocks differ by
  const uint64_t passed = at - seenAt_, grown = counted.enabled - enabled_;
  seenAt_ = at;
  enabled_ = counted.enabled;
  if (grown + kSlack + passed / 500 >= passed) return true;
  // the time of an event whose CPU was switched off never goes on, even if the CPU is back
  for (int i = 0; i < kLateTick; i++) {
    usleep(1000);
    Counted later{};
    if (::read(event_, &later, sizeof later) != sizeof later || later.enabled > counted.enabled) return true;
  }
  return false;
}

uint64_t HeldBack::count() {
  if (pages_ != nullptr) readRecords();
  Counted counted{};
  if (period_ > 0 && ::read(event_, &counted, sizeof counted) == sizeof counted && counted.enabled > counted.running + kSlack) {
    const double share = static_cast<double>(counted.enabled - counted.running) / std::max<uint64_t>(counted.running, 1);
    // what never had its turn has counted nothing: that it missed something is all that is known
    turns_ = std::max({turns_, uint64_t{1}, static_cast<uint64_t>(std::ceil(counted.value / static_cast<double>(period_) * share))});
  }
  return stops_ + turns_;
}
