// Failures as TypeScript wants them: what was done, to what, errno, and libbpf's or the verifier's own words.
#pragma once
#include <stdexcept>
#include <string>

constexpr int kNotSupported = 524;  // ENOTSUPP: the kernel's own, not in errno.h

struct Failure : std::runtime_error {
  Failure(std::string operation, std::string target, int error, std::string log = "");
  // never moved: moving a runtime_error asks for a libstdc++ of GCC 9
  Failure(const Failure &) = default;
  Failure &operator=(const Failure &) = default;

  std::string operation;
  std::string target;
  int error;  // positive errno
  std::string log;
};

/** Of whatever was thrown: the standard library's own words are of memory and of threads. */
Failure failureOf(const std::exception &error);

/** Name of an errno, such as EPERM; also of the kernel's ENOTSUPP. */
std::string errnoName(int error);

/** Gathers what libbpf prints on this thread while it lives; libbpf never writes to the terminal. */
class LibbpfLog {
 public:
  LibbpfLog();
  ~LibbpfLog();
  const std::string &text() const { return text_; }
  static void install();

 private:
  std::string text_;
  LibbpfLog *outer_;
  friend int gather(int, const char *, va_list);
};
