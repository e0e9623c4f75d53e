#include "loading.h"

#include <bpf/btf.h>
#include <linux/bpf.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <utility>

#include "errors.h"

namespace {

constexpr size_t kVerifierLog = 16 << 20;

}  // namespace

void setGlobal(bpf_object *object, const std::string &name, const std::vector<uint8_t> &value) {
  const btf *types = bpf_object__btf(object);
  for (uint32_t id = 1; types != nullptr && id < btf__type_cnt(types); id++) {
    const btf_type *section = btf__type_by_id(types, id);
    if (!btf_is_datasec(section)) continue;
    for (int i = 0; i < btf_vlen(section); i++) {
      const btf_var_secinfo &variable = btf_var_secinfos(section)[i];
      const btf_type *type = btf__type_by_id(types, variable.type);
      const char *ofVariable = type == nullptr ? nullptr : btf__name_by_offset(types, type->name_off);
      if (ofVariable == nullptr || name != ofVariable) continue;
      bpf_map *map = bpf_object__find_map_by_name(object, btf__name_by_offset(types, section->name_off));
      size_t size = 0;
      auto *bytes = map == nullptr ? nullptr : static_cast<uint8_t *>(const_cast<void *>(bpf_map__initial_value(map, &size)));
      if (bytes == nullptr) continue;
      if (variable.size != value.size() || static_cast<size_t>(variable.offset) + variable.size > size)
        throw Failure("open object", "global " + name, EMSGSIZE);
      memcpy(bytes + variable.offset, value.data(), value.size());
      return;
    }
  }
  throw Failure("open object", "global " + name, ENOENT);
}

void setProgramType(bpf_program *program, const std::string &name, const std::string &target) {
  static const std::map<std::string, std::pair<bpf_prog_type, int>> types = {
      {"tracepoint", {BPF_PROG_TYPE_TRACEPOINT, 0}},
      {"raw_tracepoint", {BPF_PROG_TYPE_RAW_TRACEPOINT, 0}},
      {"kprobe", {BPF_PROG_TYPE_KPROBE, 0}},
      {"kprobe_multi", {BPF_PROG_TYPE_KPROBE, BPF_TRACE_KPROBE_MULTI}},
      {"uprobe_multi", {BPF_PROG_TYPE_KPROBE, kUprobeMulti}},
      {"perf_event", {BPF_PROG_TYPE_PERF_EVENT, 0}},
      {"tp_btf", {BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP}},
      {"fentry", {BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY}},
      {"fexit", {BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT}},
  };
  const auto type = types.find(name);
  if (type == types.end()) throw Failure("load program", name, EINVAL);
  bpf_program__set_type(program, type->second.first);
  bpf_program__set_expected_attach_type(program, static_cast<bpf_attach_type>(type->second.second));
  if (target.empty()) return;
  const LibbpfLog log;
  const int error = bpf_program__set_attach_target(program, 0, target.c_str());
  if (error != 0) throw Failure("attach", name + ":" + target, -error, log.text());
}

bpf_program *programOf(bpf_object *object, const std::string &name) {
  bpf_program *program = bpf_object__find_program_by_name(object, name.c_str());
  if (program == nullptr) throw Failure("open object", "program " + name, ENOENT);
  return program;
}

LoadResult loadObject(bpf_object *object) {
  // filled on failure only: level 0 costs nothing, and nor does memory that nobody touches. Loading ends at the first that fails
  const std::unique_ptr<char[]> buffer(new char[kVerifierLog]);
  buffer[0] = 0;
  bpf_program *program;
  bpf_object__for_each_program(program, object) bpf_program__set_log_buf(program, buffer.get(), kVerifierLog);
  const LibbpfLog log;
  const int error = bpf_object__load(object);
  bpf_object__for_each_program(program, object) bpf_program__set_log_buf(program, nullptr, 0);
  return {error, std::string(buffer.get(), strnlen(buffer.get(), kVerifierLog)), log.text()};
}
