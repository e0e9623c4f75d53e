// Has libbpf give the kernel of a bundled program only what can run.
#pragma once
#include <bpf/libbpf.h>

enum class Cut { all, unreached, nothing };

/** While it lives, of what this thread loads of the object. */
class LiveLoading {
 public:
  LiveLoading(bpf_object *object, Cut cut);
  ~LiveLoading();
  LiveLoading(const LiveLoading &) = delete;

  /** Once, before any object is opened. */
  static void install();
};
