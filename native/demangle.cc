#include "demangle.h"

#include <csetjmp>
#include <cstring>

// libstdc++'s demangler, handing out its text piece by piece; only the static libsupc++ has it. __cxa_demangle would build
// the whole text first, and a name of 300 bytes can stand for one of gigabytes.
extern "C" int __gcclibcxx_demangle_callback(const char *mangled, void (*callback)(const char *, size_t, void *), void *opaque);

namespace {

constexpr size_t kMostMangled = 8 << 10, kMostText = 16 << 10;

struct Output {
  jmp_buf tooLong;
  char text[kMostText];
  size_t length;
};

void append(const char *piece, size_t length, void *opaque) {
  auto *output = static_cast<Output *>(opaque);
  if (length > sizeof output->text - output->length) longjmp(output->tooLong, 1);  // over C frames that own nothing
  memcpy(output->text + output->length, piece, length);
  output->length += length;
}

/** Apart, so that no object of C++ is alive in the frame that is jumped back to. */
bool fill(const char *name, Output &output) {
  if (setjmp(output.tooLong) != 0) return false;
  return __gcclibcxx_demangle_callback(name, append, &output) == 0;
}

}  // namespace

std::string demangle(const std::string &name) {
  if (name.size() < 3 || name.size() > kMostMangled || name.compare(0, 2, "_Z") != 0) return name;
  thread_local Output output;
  output.length = 0;
  return fill(name.c_str(), output) ? std::string(output.text, output.length) : name;
}
