// Sessions over what others wrote: a user's own object, a map that is loaded, the programs of the machine.
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <linux/bpf.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <regex>

#include "errors.h"
#include "kernel-objects.h"
#include "object.h"
#include "programs.h"
#include "session.h"

namespace {

constexpr size_t kVerifierLog = 16 << 20;

/** Writes a global by its name, in whichever section it is. */
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
      const char *ofSection = btf__name_by_offset(types, section->name_off);
      bpf_map *map = bpf_object__find_map_by_name(object, ofSection);
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

bpf_program *programOf(bpf_object *object, const std::string &name) {
  bpf_program *program = bpf_object__find_program_by_name(object, name.c_str());
  if (program == nullptr) throw Failure("open object", "program " + name, ENOENT);
  return program;
}

MapHandle handleOf(const std::string &name, uint32_t type, uint32_t keySize, uint32_t valueSize, const Reading &reading) {
  MapHandle handle;
  handle.name = name;
  handle.type = type;
  handle.keySize = keySize;
  handle.valueSize = valueSize;
  handle.reading = reading;
  return handle;
}

/** What of the object libbpf's words are about, and what it was doing. */
Failure loadFailure(int error, const std::string &libbpf, const std::string &verifier, const std::string &object) {
  std::smatch found;
  if (std::regex_search(libbpf, found, std::regex("map '([^']+)': failed to create"))) return Failure("create map", found[1], error, libbpf);
  if (std::regex_search(libbpf, found, std::regex("prog '([^']+)'"))) return Failure("load program", found[1], error, verifier.empty() ? libbpf : verifier);
  return Failure("load object", object, error, libbpf);
}

}  // namespace

Session::Session(const ObjectSpec &spec) {
  try {
    if (spec.statistics) statistics_ = bpf_enable_stats(BPF_STATS_RUN_TIME);
    bpf_object *object = openObject(spec.name, spec.bytes, true);
    objects_.push_back(object);
    loadOwn(object, spec);
    for (const OwnProgramSpec &each : spec.programs) {
      bpf_program *program = programOf(object, each.program);
      if (each.load) programs_.push_back(program);
    }
    // all are loaded before the first is attached: an event then finds all of them
    for (const OwnProgramSpec &each : spec.programs) {
      bpf_program *program = programOf(object, each.program);
      for (const AttachSpec &point : each.attach) attach(program, point, attachments_, refused_);
      if (!refused_.empty()) throw Failure("attach", "a uprobe of " + refused_.front().path, EINVAL);
      if (!each.automatic) continue;
      const LibbpfLog log;
      bpf_link *link = bpf_program__attach(program);
      const int error = libbpf_get_error(link);
      if (error != 0 || link == nullptr) throw Failure("attach", each.program, error != 0 ? -error : errno, log.text());
      attachments_.emplace_back(link);
    }
  } catch (...) {
    close();
    throw;
  }
}

void Session::loadOwn(bpf_object *object, const ObjectSpec &spec) {
  for (const auto &[name, value] : spec.globals) setGlobal(object, name, value);
  bpf_program *program;
  bpf_object__for_each_program(program, object) bpf_program__set_autoload(program, false);
  const std::unique_ptr<char[]> log(new char[kVerifierLog]);  // touched on failure only
  log[0] = 0;
  for (const OwnProgramSpec &each : spec.programs) {
    program = programOf(object, each.program);
    bpf_program__set_autoload(program, each.load);
    bpf_program__set_log_buf(program, log.get(), kVerifierLog);  // loading ends at the first that fails
    if (!each.type.empty()) setProgramType(program, each.type, each.target);
  }
  bpf_map *map;
  bpf_object__for_each_map(map, object) bpf_map__set_pin_path(map, nullptr);  // nothing of ours stays in the kernel
  bpf_map *table = bpf_object__find_map_by_name(object, spec.map.c_str());
  if (table == nullptr) throw Failure("open object", "map " + spec.map, ENOENT);
  if (spec.maxEntries != 0) bpf_map__set_max_entries(table, spec.maxEntries);
  const LibbpfLog libbpf;
  const int error = bpf_object__load(object);
  bpf_object__for_each_program(program, object) bpf_program__set_log_buf(program, nullptr, 0);
  if (error != 0) throw loadFailure(-error, libbpf.text(), std::string(log.get(), strnlen(log.get(), kVerifierLog)), spec.name);
  MapHandle handle = handleOf(spec.map, bpf_map__type(table), bpf_map__key_size(table), bpf_map__value_size(table), spec.reading);
  handle.fd = bpf_map__fd(table);
  handle.maxEntries = bpf_map__max_entries(table);
  maps_["counts"].handle = handle;
}

Session::Session(const LoadedMapSpec &spec) {
  const bpf_map_info info = mapOf(spec.id, spec.name).info;
  MapHandle handle = handleOf(spec.name, info.type, info.key_size, info.value_size, spec.reading);
  handle.maxEntries = info.max_entries;
  handle.id = spec.id;
  maps_["counts"].handle = handle;
}

Session::Session(const Reading &ofPrograms) {
  statistics_ = bpf_enable_stats(BPF_STATS_RUN_TIME);
  if (statistics_ < 0) throw Failure("enable statistics", "of programs", errno);
  MapHandle handle = handleOf("programs", 0, sizeof(ProgramKey), sizeof(ProgramValue), ofPrograms);
  handle.entries = [table = std::make_shared<ProgramTable>()](const auto &use) { table->each(use); };
  maps_["counts"].handle = handle;
}
