#include "uprobes.h"

#include <bpf/bpf.h>
#include <link.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <thread>

#include "elf-open.h"
#include "errors.h"
#include "fd.h"
#include "loading.h"

namespace {

constexpr uint32_t kUprobeMultiReturn = 1;  // BPF_F_UPROBE_MULTI_RETURN, not in Debian 12's headers

/** The part of union bpf_attr that BPF_LINK_CREATE reads for uprobe_multi, by the kernel's ABI. */
struct UprobeMultiAttr {
  uint32_t progFd, targetFd, attachType, flags;
  uint64_t path, offsets, refCtrOffsets, cookies;
  uint32_t count, multiFlags, pid;
  uint32_t unused;
};

/** The link, or -errno. */
int createLink(int program, const AttachSpec &spec, size_t from, size_t to) {
  UprobeMultiAttr attr{};
  attr.progFd = program;
  attr.attachType = kUprobeMulti;
  attr.path = reinterpret_cast<uint64_t>(spec.path.c_str());
  attr.offsets = reinterpret_cast<uint64_t>(spec.offsets.data() + from);
  if (!spec.cookies.empty()) attr.cookies = reinterpret_cast<uint64_t>(spec.cookies.data() + from);
  if (!spec.semaphores.empty()) attr.refCtrOffsets = reinterpret_cast<uint64_t>(spec.semaphores.data() + from);
  attr.count = to - from;
  attr.multiFlags = spec.retprobe ? kUprobeMultiReturn : 0;
  attr.pid = spec.pid;
  const int fd = syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof attr);
  return fd < 0 ? -errno : fd;
}

/** A folder is no file to probe: a kernel that knows the link says so, another knows nothing of it. */
bool kernelHasMulti(int program) {
  AttachSpec folder;
  folder.path = "/";
  folder.offsets = {0};
  const int fd = createLink(program, folder, 0, 1);
  if (fd >= 0) close(fd);
  return fd == -EBADF;
}

/** What the kernel says of an instruction that it cannot run elsewhere, or of an address that is none. */
bool ofOnePlace(int error) {
  return error == EINVAL || error == kNotSupported || error == EOPNOTSUPP || error == ENOEXEC || error == EIO || error == EEXIST;
}

/** Halves what is refused until the places are found that are at fault. */
void attachMulti(int program, const AttachSpec &spec, size_t from, size_t to, std::vector<Attachment> &attached, std::vector<RefusedPlace> &refused) {
  const int fd = createLink(program, spec, from, to);
  if (fd >= 0) {
    attached.emplace_back(fd);
    return;
  }
  const bool first = from == 0 && to == spec.offsets.size();
  if (!ofOnePlace(-fd) || (first && !kernelHasMulti(program)))
    throw Failure("attach", std::to_string(spec.offsets.size()) + " uprobes of " + spec.path, -fd);
  if (to - from == 1) {
    refused.push_back({spec.path, spec.offsets[from], errnoName(-fd)});
    return;
  }
  const size_t middle = from + (to - from) / 2;
  attachMulti(program, spec, from, middle, attached, refused);
  attachMulti(program, spec, middle, to, attached, refused);
}

void attachOne(bpf_program *program, const AttachSpec &spec, std::vector<Attachment> &attached, std::vector<RefusedPlace> &refused) {
  const LibbpfLog log;
  LIBBPF_OPTS(bpf_uprobe_opts, options, .ref_ctr_offset = spec.semaphore, .bpf_cookie = spec.cookie, .retprobe = spec.retprobe);
  bpf_link *link = bpf_program__attach_uprobe_opts(program, spec.pid == 0 ? -1 : spec.pid, spec.path.c_str(), spec.offset, &options);
  const int error = libbpf_get_error(link) != 0 ? static_cast<int>(-libbpf_get_error(link)) : link == nullptr ? errno : 0;
  if (error == 0) attached.emplace_back(link);
  else if (ofOnePlace(error)) refused.push_back({spec.path, spec.offset, errnoName(error)});
  else throw Failure("attach", (spec.retprobe ? "uretprobe:" : "uprobe:") + spec.path, error, log.text());
}

/** Probed by ourselves. A store, so that it is not folded into others, and an ordinary first instruction. */
volatile int touched = 0;
__attribute__((noinline, noclone)) void probed() { touched = 1; }

/** Adds 1 to the only element of the array `map`. */
int countingProgram(int map) {
  const auto insn = [](uint8_t code, uint8_t to, uint8_t from, int16_t offset, int32_t value) {
    bpf_insn result{};
    result.code = code, result.dst_reg = to, result.src_reg = from, result.off = offset, result.imm = value;
    return result;
  };
  const bpf_insn code[] = {
      insn(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0),
      insn(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0),
      insn(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -4),
      insn(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map),
      insn(0, 0, 0, 0, 0),
      insn(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
      insn(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 2, 0),
      insn(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 1),
      insn(BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_1, 0, BPF_ADD),
      insn(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0),
      insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
  };
  LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = static_cast<bpf_attach_type>(kUprobeMulti));
  return bpf_prog_load(BPF_PROG_TYPE_KPROBE, "tsbpftop_try", "GPL", code, sizeof code / sizeof *code, &options);
}

struct Loaded {
  uint64_t address;
  uint64_t base;
  std::string path;
};

/** The object that has this address. dladdr would say it too, but is a symbol of other versions in older glibcs. */
Loaded loadedAt(uint64_t address) {
  Loaded found{address, 0, ""};
  dl_iterate_phdr(
      [](dl_phdr_info *object, size_t, void *wanted) {
        auto &result = *static_cast<Loaded *>(wanted);
        for (int i = 0; i < object->dlpi_phnum; i++) {
          const auto &segment = object->dlpi_phdr[i];
          if (segment.p_type != PT_LOAD || result.address - object->dlpi_addr - segment.p_vaddr >= segment.p_memsz) continue;
          result.base = object->dlpi_addr, result.path = object->dlpi_name;
          return 1;
        }
        return 0;
      },
      &found);
  return found;
}

bool tryThreads() {
  const auto address = reinterpret_cast<uint64_t>(&probed);
  const Loaded self = loadedAt(address);
  if (self.path.empty()) return false;
  AttachSpec spec;
  spec.path = self.path;
  const auto offset = Segments(OpenElf(spec.path)).offset(address - self.base, true);
  if (!offset) return false;
  spec.offsets = {*offset};
  spec.pid = getpid();
  const Fd map(bpf_map_create(BPF_MAP_TYPE_ARRAY, "tsbpftop_try", 4, 8, 1, nullptr));
  const Fd program(map.valid() ? countingProgram(map.get()) : -1);
  const Fd link(program.valid() ? createLink(program.get(), spec, 0, 1) : -1);
  if (!link.valid()) return false;
  std::thread(probed).join();
  uint64_t count = 0;
  const uint32_t only = 0;
  bpf_map_lookup_elem(map.get(), &only, &count);
  return count == 1;
}

}  // namespace

bool multiSeesThreads() {
  static const bool result = [] {
    try {
      return tryThreads();
    } catch (const std::exception &) {  // a thread that cannot be started, too: one by one, then
      return false;
    }
  }();
  return result;
}

void attachUprobes(bpf_program *program, const AttachSpec &spec, std::vector<Attachment> &attached, std::vector<RefusedPlace> &refused) {
  if (spec.kind == "uprobe") return attachOne(program, spec, attached, refused);
  if (spec.pid != 0 && !multiSeesThreads()) throw Failure("attach", "uprobes of one process by one link", EOPNOTSUPP);
  attachMulti(bpf_program__fd(program), spec, 0, spec.offsets.size(), attached, refused);
}
