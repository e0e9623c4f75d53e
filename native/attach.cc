#include "attach.h"

#include <bpf/bpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>

#include "cpus.h"
#include "errors.h"
#include "uprobes.h"

namespace {

bpf_link *checked(bpf_link *link, const std::string &target, const LibbpfLog &log) {
  const int error = libbpf_get_error(link);
  if (error != 0 || link == nullptr) throw Failure("attach", target, error != 0 ? -error : errno, log.text());
  return link;
}

Attachment tracepoint(bpf_program *program, const AttachSpec &spec, const LibbpfLog &log) {
  LIBBPF_OPTS(bpf_tracepoint_opts, options, .bpf_cookie = spec.cookie);
  return Attachment(checked(bpf_program__attach_tracepoint_opts(program, spec.category.c_str(), spec.name.c_str(), &options),
                            "tracepoint:" + spec.category + ":" + spec.name, log));
}

/** The number in a file of sysfs, after its last colon: 'config:0'. */
int sysfsNumber(const std::string &path, const std::string &target) {
  std::ifstream file(path);
  std::string text;
  if (!std::getline(file, text)) throw Failure("attach", target, ENOENT);
  return atoi(text.c_str() + (text.rfind(':') + 1));
}

/** libbpf takes names only, and of several functions with one name the kernel takes the first, or none. */
Attachment kprobeAt(bpf_program *program, const AttachSpec &spec, const std::string &target, const LibbpfLog &log) {
  const std::string folder = "/sys/bus/event_source/devices/kprobe/";
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.type = sysfsNumber(folder + "type", target);
  if (spec.retprobe) attr.config = 1ull << sysfsNumber(folder + "format/retprobe", target);
  attr.config2 = spec.address + spec.offset;
  const int fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
  if (fd < 0) throw Failure("attach", target, errno);
  LIBBPF_OPTS(bpf_perf_event_opts, options, .bpf_cookie = spec.cookie);
  bpf_link *link = bpf_program__attach_perf_event_opts(program, fd, &options);
  if (libbpf_get_error(link) != 0) close(fd);  // else the link owns it
  return Attachment(checked(link, target, log));
}

Attachment kprobe(bpf_program *program, const AttachSpec &spec, const LibbpfLog &log) {
  const std::string target = (spec.retprobe ? "kretprobe:" : "kprobe:") + spec.name + (spec.offset == 0 ? "" : "+" + std::to_string(spec.offset));
  if (spec.address != 0) return kprobeAt(program, spec, target, log);
  LIBBPF_OPTS(bpf_kprobe_opts, options, .bpf_cookie = spec.cookie, .offset = spec.offset, .retprobe = spec.retprobe);
  return Attachment(checked(bpf_program__attach_kprobe_opts(program, spec.name.c_str(), &options), target, log));
}

Attachment kprobeMulti(bpf_program *program, const AttachSpec &spec, const LibbpfLog &log) {
  std::vector<const char *> names;
  for (const std::string &name : spec.functions) names.push_back(name.c_str());
  LIBBPF_OPTS(bpf_kprobe_multi_opts, options, .syms = names.data(), .cookies = reinterpret_cast<const __u64 *>(spec.cookies.data()),
              .cnt = names.size(), .retprobe = spec.retprobe);
  return Attachment(checked(bpf_program__attach_kprobe_multi_opts(program, nullptr, &options),
                            std::to_string(names.size()) + " kernel functions", log));
}

void perfEvents(bpf_program *program, const AttachSpec &spec, std::vector<Attachment> &attached) {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.type = spec.eventType == "hardware" ? PERF_TYPE_HARDWARE : PERF_TYPE_SOFTWARE;
  attr.config = spec.config;
  attr.freq = spec.frequency;
  attr.sample_period = spec.period;  // shares its place with sample_freq
  attr.sample_type = PERF_SAMPLE_TID;  // of the records alone that HeldBack reads
  attr.sample_id_all = 1;
  attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  for (unsigned cpu = 0; cpu < possibleCpus(); cpu++)
    attached.emplace_back(program, std::make_unique<CpuEvent>(program, attr, spec.cookie, cpu));
}

}  // namespace

Attachment::Attachment(Attachment &&other) noexcept
    : link_(other.link_), fd_(other.fd_), sampled_(other.sampled_), event_(std::move(other.event_)) {
  other.link_ = nullptr;
  other.fd_ = -1;
}

Attachment::~Attachment() {
  if (link_ != nullptr) bpf_link__destroy(link_);
  if (fd_ >= 0) close(fd_);
}

void attach(bpf_program *program, const AttachSpec &spec, std::vector<Attachment> &attached, std::vector<RefusedPlace> &refused) {
  const LibbpfLog log;
  if (spec.kind == "tracepoint") attached.push_back(tracepoint(program, spec, log));
  else if (spec.kind == "raw_tracepoint")
    attached.emplace_back(checked(bpf_program__attach_raw_tracepoint(program, spec.name.c_str()), "rawtracepoint:" + spec.name, log));
  else if (spec.kind == "kprobe") attached.push_back(kprobe(program, spec, log));
  else if (spec.kind == "kprobe_multi") attached.push_back(kprobeMulti(program, spec, log));
  else if (spec.kind == "uprobe" || spec.kind == "uprobe_multi") attachUprobes(program, spec, attached, refused);
  else if (spec.kind == "perf_event") perfEvents(program, spec, attached);
  else if (spec.kind == "trampoline")
    attached.emplace_back(checked(bpf_program__attach_trace(program), bpf_program__name(program), log));
  else if (spec.kind == "automatic") attached.emplace_back(checked(bpf_program__attach(program), bpf_program__name(program), log));
  else throw Failure("attach", spec.kind, EINVAL);
}
