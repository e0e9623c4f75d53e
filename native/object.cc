#include "object.h"

#include <bpf/btf.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "errors.h"

namespace {

// A damaged file may also make libbpf go round and round. AddressSanitizer's allocator, unlike glibc's, is not made ready for a
// fork: a lock that another thread had stays locked in the child, which then waits as long as it may. Then another is asked.
#ifdef __SANITIZE_ADDRESS__
constexpr unsigned kSeconds = 5;
constexpr int kChildren = 6;
#else
constexpr unsigned kSeconds = 20;
constexpr int kChildren = 1;
#endif

bpf_object *openBytes(const std::string &name, const std::vector<uint8_t> &bytes) {
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = name.c_str());
  return bpf_object__open_mem(bytes.data(), bytes.size(), &options);
}

/** Relocation reads the file as trustingly as opening does. It comes before the programs go to the kernel, and here none goes. */
void relocate(bpf_object *object) {
  bpf_program *program;
  bpf_object__for_each_program(program, object) {
    bpf_program__set_autoload(program, true);
    bpf_program__set_type(program, BPF_PROG_TYPE_UNSPEC);
  }
  bpf_map *map;
  bpf_object__for_each_map(map, object) bpf_map__set_pin_path(map, nullptr);
  bpf_object__load(object);
}

/** @returns how the child ended, as waitpid tells it */
int endOfChild(const std::string &name, const std::vector<uint8_t> &bytes, bool load) {
  const pid_t child = fork();
  if (child < 0) throw Failure("open object", name, errno);
  if (child == 0) {
    syscall(SYS_close_range, 3u, ~0u, 0u);  // else what is detached meanwhile would stay as long as this is there
    for (int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGALRM, SIGTERM, SIGINT}) std::signal(signal, SIG_DFL);
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    alarm(kSeconds);
    bpf_object *object = openBytes(name, bytes);
    if (libbpf_get_error(object) == 0) {
      if (load) relocate(object);
      bpf_object__close(object);
    }
    _exit(0);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/** What libbpf does with the file, done in a process of its own: libbpf trusts what it reads, and a damaged file ends it. */
void tryApart(const std::string &name, const std::vector<uint8_t> &bytes, bool load) {
  int status = endOfChild(name, bytes, load);
  for (int tried = 1; tried < kChildren && WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM; tried++) status = endOfChild(name, bytes, load);
  if (WIFSIGNALED(status)) throw Failure("open object", name, EBADMSG, "libbpf: reading it ended by signal " + std::to_string(WTERMSIG(status)) + "\n");
}

}  // namespace

bpf_object *openBundled(const std::string &path) {
  const LibbpfLog log;
  bpf_object *object = bpf_object__open_file(path.c_str(), nullptr);
  if (libbpf_get_error(object) != 0) throw Failure("open object", path, static_cast<int>(-libbpf_get_error(object)), log.text());
  return object;
}

bpf_object *openObject(const std::string &name, const std::vector<uint8_t> &bytes, bool load) {
  const LibbpfLog log;
  tryApart(name, bytes, load);
  bpf_object *object = openBytes(name, bytes);
  const long error = libbpf_get_error(object);
  if (error != 0) throw Failure("open object", name, static_cast<int>(-error), log.text());
  return object;
}
