#include "errors.h"

#include <bpf/libbpf.h>
#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <new>
#include <system_error>

namespace {

thread_local LibbpfLog *current = nullptr;
constexpr size_t kLogBytes = 4 << 20;

}  // namespace

int gather(int, const char *format, va_list arguments) {
  if (current == nullptr || current->text_.size() > kLogBytes) return 0;
  va_list again;
  va_copy(again, arguments);
  const int length = vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length <= 0) return 0;
  std::string line(length + 1, '\0');
  vsnprintf(line.data(), line.size(), format, arguments);
  line.pop_back();
  current->text_ += line;
  return length;
}

void LibbpfLog::install() {
  libbpf_set_print([](enum libbpf_print_level level, const char *format, va_list arguments) {
    return level == LIBBPF_DEBUG ? 0 : gather(level, format, arguments);
  });
}

LibbpfLog::LibbpfLog() : outer_(current) { current = this; }
LibbpfLog::~LibbpfLog() { current = outer_; }

std::string errnoName(int error) {
  if (error == kNotSupported) return "ENOTSUPP";
  const char *name = strerrorname_np(error);
  return name != nullptr ? name : "E" + std::to_string(error);
}

Failure failureOf(const std::exception &error) {
  if (const auto *failure = dynamic_cast<const Failure *>(&error)) return *failure;
  if (const auto *ofSystem = dynamic_cast<const std::system_error *>(&error)) return Failure("start thread", "of the addon", ofSystem->code().value());
  return Failure("get memory", "of the addon", ENOMEM, error.what());
}

Failure::Failure(std::string operation_, std::string target_, int error_, std::string log_)
    : std::runtime_error("cannot " + operation_ + " '" + target_ + "': " + (error_ == kNotSupported ? "not supported" : strerror(error_))),
      operation(std::move(operation_)), target(std::move(target_)), error(error_), log(std::move(log_)) {}
