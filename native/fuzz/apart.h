// Objects, fast: a process apart for each input, as the addon has it, takes longer than all the rest. Here one child goes on until
// an input ends it, and says how far it was: in the half that is done apart, where it may end, or in the half that is done in our
// own process. The inputs come from the seed, so that both know them.
#pragma once
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <vector>

#include "mutate.h"

class Apart {
 public:
  using Bytes = std::vector<uint8_t>;
  using Use = std::function<void(const Bytes &)>;
  struct Halves {
    Use apart, inside;
    /** Both, as the addon does them. */
    Use whole;
  };
  struct Result {
    long ended = 0;      // inputs that ended the process apart
    long corrupted = 0;  // that ended ours only after others had been there before them
    double longest = 0;
    bool failed = false;
    Bytes input = {};
  };

  Apart(Halves halves, double (*now)()) : halves_(std::move(halves)), now_(now) {
    shared_ = static_cast<Shared *>(mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    if (shared_ == MAP_FAILED) abort();
  }
  ~Apart() { munmap(shared_, sizeof(Shared)); }

  Result run(Mutator &mutator, const std::vector<Bytes> &good, long inputs) {
    Result result;
    for (long done = 0; done < inputs;) {
      const long most = std::min(inputs - done, kBeforeAnother);
      *shared_ = {};
      const int status = inChild([&] { work(mutator, good, most); });
      const bool died = status != 0;
      const long used = died ? shared_->input + 1 : most;
      for (long i = 0; i < used; i++) result.input = mutator.mutated(good);
      const double took = shared_->longest;
      result.longest = std::max(result.longest, took);
      done += used;
      if (!died) continue;
      if (!shared_->inside) {
        result.ended++;
        continue;
      }
      // once more, as the addon does it, in a process that nothing was in before
      if (inChild([&] { halves_.whole(result.input); }) != 0) {
        result.failed = true;
        return result;
      }
      result.corrupted++;
    }
    return result;
  }

 private:
  /** libbpf loses some memory at what it refuses. */
  static constexpr long kBeforeAnother = 1000;
  static constexpr unsigned kSeconds = 20;

  struct Shared {
    volatile long input;
    volatile bool inside;
    volatile double longest;
  };

  template <typename Work>
  static int inChild(Work work) {
    const pid_t child = fork();
    if (child < 0) abort();
    if (child == 0) {
      for (int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGALRM}) std::signal(signal, SIG_DFL);
      alarm(kSeconds);
      work();
      _exit(0);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
    }
    return status;
  }

  /** A copy of the mutator: ours goes on where the child came to. */
  void work(Mutator mutator, const std::vector<Bytes> &good, long most) {
    for (long i = 0; i < most; i++) {
      const Bytes input = mutator.mutated(good);
      shared_->input = i;
      shared_->inside = false;
      alarm(kSeconds);
      halves_.apart(input);
      shared_->inside = true;
      const double began = now_();
      halves_.inside(input);
      const double took = now_() - began, before = shared_->longest;
      shared_->longest = std::max(before, took);
    }
  }

  Halves halves_;
  double (*now_)();
  Shared *shared_;
};
