// A capability is a thread's own, and Node has threads of its own making: V8's, libuv's, the inspector's. Linux has no call that
// drops them for all. So each thread is sent a signal, and drops them in its handler, as glibc's setuid and Go's runtime do it.
// libcap's libpsx would do the same, but has to be linked into the program that makes the threads, which is Node.
#include "privileges.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "errors.h"
#include "fd.h"

namespace {

/** glibc's own SIGSETXID: the one signal, with that of cancelling, that pthread_sigmask cannot block. Node's inspector blocks all others. */
constexpr int kSignal = 33;
constexpr unsigned kNobody = 65534;  // Linux's own number for who is nobody
constexpr int kMostCapabilities = 64;
constexpr int kPatience = 5000;  // looks, a millisecond or more apart

struct Capabilities {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
};

uint64_t permitted() {
  Capabilities own;
  if (syscall(SYS_capget, &own.header, own.data) != 0) return 0;
  return own.data[0].permitted | static_cast<uint64_t>(own.data[1].permitted) << 32;
}

void setCapabilities(uint64_t all) {
  Capabilities own;
  for (int half = 0; half < 2; half++) own.data[half].permitted = own.data[half].effective = static_cast<uint32_t>(all >> (32 * half));
  syscall(SYS_capset, &own.header, own.data);
}

uint64_t kept = 0;
bool toNobody = false;
std::atomic<unsigned> handled{0};
static_assert(std::atomic<unsigned>::is_always_lock_free, "a signal's handler counts with it");

/** Of this thread. Plain system calls alone: the thread may have been anywhere. What fails is seen by what it has afterwards. */
void dropHere() {
  // the first that the kernel does not know is the end of them, and so is not to be allowed
  for (int each = 0; each < kMostCapabilities; each++)
    if (syscall(SYS_prctl, PR_CAPBSET_DROP, each, 0, 0, 0) != 0) break;
  if (toNobody) {
    // root without capabilities still owns all of root's files
    syscall(SYS_setgroups, 0, nullptr);
    syscall(SYS_setresgid, kNobody, kNobody, kNobody);
    syscall(SYS_prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0);
    syscall(SYS_setresuid, kNobody, kNobody, kNobody);
    syscall(SYS_prctl, PR_SET_KEEPCAPS, 0, 0, 0, 0);
  }
  setCapabilities(kept);
  syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void onSignal(int, siginfo_t *info, void *) {
  const int before = errno;
  if (info->si_code == SI_TKILL && info->si_pid == getpid()) {
    dropHere();
    handled++;
  }
  errno = before;
}

/** struct sigaction as the kernel has it: glibc's function refuses this signal. */
struct KernelAction {
  void (*handler)(int, siginfo_t *, void *);
  unsigned long flags;
  void (*restorer)();
  uint64_t mask;
};

bool rawAction(int signal, const KernelAction *wanted, KernelAction *before) {
  return syscall(SYS_rt_sigaction, signal, wanted, before, sizeof(uint64_t)) == 0;
}

/** Our handler on kSignal while this is there. */
class Handling {
 public:
  Handling() {
    // glibc's way back from a handler is taken from a signal that it lets us have
    const int lent = SIGRTMAX;
    struct sigaction ours {
    }, old{};
    ours.sa_sigaction = onSignal;
    ours.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
    sigfillset(&ours.sa_mask);
    KernelAction raw{};
    if (sigaction(lent, &ours, &old) != 0) return;
    const bool read = rawAction(lent, nullptr, &raw);
    sigaction(lent, &old, nullptr);
    installed_ = read && rawAction(kSignal, &raw, &before_);
  }
  ~Handling() {
    if (installed_ && !pending) rawAction(kSignal, &before_, nullptr);
  }
  bool installed() const { return installed_; }
  /** A thread has yet to handle it: then ours stays. */
  bool pending = false;

 private:
  bool installed_ = false;
  KernelAction before_{};
};

/** The lines of a thread's status that say what it may do; empty: it has ended. @throws Failure where it cannot be seen */
std::string mayDo(const std::string &folder) {
  const Fd file(open((folder + "/status").c_str(), O_RDONLY | O_CLOEXEC));
  char bytes[16384];
  const ssize_t length = file.valid() ? read(file.get(), bytes, sizeof bytes) : -1;
  if (length < 0 && (errno == ENOENT || errno == ESRCH)) return "";
  if (length <= 0) throw Failure("drop privileges", folder, length < 0 ? errno : ENODATA);
  std::istringstream text(std::string(bytes, static_cast<size_t>(length)));
  std::string result;
  for (std::string line; std::getline(text, line);)
    for (const char *name : {"Uid:", "Gid:", "Groups:", "Cap", "NoNewPrivs:"})
      if (line.rfind(name, 0) == 0) result += line + "\n";
  return result;
}

template <typename Is>
std::set<std::string> threadsThat(Is is) {
  std::set<std::string> found;
  const std::unique_ptr<DIR, int (*)(DIR *)> folder(opendir("/proc/self/task"), closedir);
  if (!folder) throw Failure("drop privileges", "/proc/self/task", errno);
  for (const dirent *entry; (entry = readdir(folder.get())) != nullptr;)
    if (entry->d_name[0] != '.' && is(std::string(entry->d_name))) found.insert(entry->d_name);
  return found;
}

}  // namespace

void dropPrivileges(const std::vector<int> &keep) {
  const uint64_t own = permitted();
  kept = 0;
  for (const int each : keep)
    if (each >= 0 && each < kMostCapabilities) kept |= own & (1ull << each);
  toNobody = getuid() == 0 || geteuid() == 0;
  Handling handling;
  if (!handling.installed()) throw Failure("drop privileges", "signal " + std::to_string(kSignal), errno);
  dropHere();
  if ((permitted() & ~kept) != 0) throw Failure("drop privileges", "capset", EPERM);
  if (toNobody && (getuid() == 0 || geteuid() == 0)) throw Failure("drop privileges", "setresuid", EPERM);
  const std::string example = mayDo("/proc/thread-self");
  const std::string self = std::to_string(syscall(SYS_gettid));
  const auto isOther = [&self](const std::string &thread) { return thread != self; };
  const auto differs = [&example](const std::string &thread) {
    const std::string now = mayDo("/proc/self/task/" + thread);
    return !now.empty() && now != example;
  };
  std::set<std::string> told;
  // a thread that has not dropped them may start another one: until all are seen to have. What each has before is not looked at
  for (int waited = 0;; waited++) {
    const std::set<std::string> others = waited == 0 ? threadsThat(isOther) : threadsThat(differs);
    handling.pending = !others.empty();
    if (others.empty() && waited > 0) return;
    if (waited == kPatience) throw Failure("drop privileges", "thread " + *others.begin(), ETIMEDOUT);
    const unsigned before = handled;
    unsigned sent = 0;
    for (const std::string &thread : others)
      if (told.insert(thread).second && syscall(SYS_tgkill, getpid(), std::stoi(thread), kSignal) == 0) sent++;
    // what a thread has afterwards is looked at when all say that they are done: to look costs more than the rest
    for (int brief = 0; brief < 20 && (sent == 0 || handled - before < sent); brief++) usleep(50);
  }
}

bool readingNeedsBpf() {
  bool refused = false;
  // in a thread of its own, which gives up its own capabilities to see
  std::thread([&refused] {
    setCapabilities(0);
    union bpf_attr attr {};
    attr.map_fd = static_cast<uint32_t>(-1);
    refused = syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attr, sizeof attr) != 0 && errno == EPERM;
  }).join();
  return refused;
}
