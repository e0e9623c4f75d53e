// Sessions over what others wrote: a user's own object, a map that is loaded, the programs of the machine.
#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <cerrno>
#include <memory>
#include <regex>

#include "errors.h"
#include "kernel-objects.h"
#include "loading.h"
#include "object.h"
#include "programs.h"
#include "session.h"

namespace {

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
Failure loadFailure(const LoadResult &loaded, const std::string &object) {
  std::smatch found;
  if (std::regex_search(loaded.libbpf, found, std::regex("map '([^']+)': failed to create")))
    return Failure("create map", found[1], -loaded.error, loaded.libbpf);
  if (std::regex_search(loaded.libbpf, found, std::regex("prog '([^']+)'")))
    return Failure("load program", found[1], -loaded.error, loaded.verifier.empty() ? loaded.libbpf : loaded.verifier);
  return Failure("load object", object, -loaded.error, loaded.libbpf);
}

}  // namespace

Session::Session(const ObjectSpec &spec) {
  try {
    if (spec.statistics) statistics_ = bpf_enable_stats(BPF_STATS_RUN_TIME);
    bpf_object *object = openObject(spec.name, spec.bytes, true);
    objects_.push_back(object);
    loadOwn(object, spec);
    for (const OwnProgramSpec &each : spec.programs) programs_.push_back(programOf(object, each.program));
    // all are loaded before the first is attached: an event then finds all of them
    for (size_t i = 0; i < spec.programs.size(); i++) attachOwn(programs_[i], spec.programs[i]);
  } catch (...) {
    close();
    throw;
  }
}

void Session::loadOwn(bpf_object *object, const ObjectSpec &spec) {
  for (const auto &[name, value] : spec.globals) setGlobal(object, name, value);
  bpf_program *program;
  bpf_object__for_each_program(program, object) bpf_program__set_autoload(program, false);
  for (const OwnProgramSpec &each : spec.programs) {
    program = programOf(object, each.program);
    bpf_program__set_autoload(program, true);
    if (!each.type.empty()) setProgramType(program, each.type, each.target);
  }
  bpf_map *map;
  bpf_object__for_each_map(map, object) bpf_map__set_pin_path(map, nullptr);  // nothing of ours stays in the kernel
  bpf_map *table = bpf_object__find_map_by_name(object, spec.map.c_str());
  if (table == nullptr) throw Failure("open object", "map " + spec.map, ENOENT);
  if (spec.maxEntries != 0) bpf_map__set_max_entries(table, spec.maxEntries);
  const LoadResult loaded = loadObject(object);
  if (loaded.error != 0) throw loadFailure(loaded, spec.name);
  MapHandle handle = handleOf(spec.map, bpf_map__type(table), bpf_map__key_size(table), bpf_map__value_size(table), spec.reading);
  handle.fd = bpf_map__fd(table);
  handle.maxEntries = bpf_map__max_entries(table);
  maps_["counts"].handle = handle;
}

/** What fails is told of the program: which of its places it was, TypeScript knows. */
void Session::attachOwn(bpf_program *program, const OwnProgramSpec &spec) {
  try {
    for (const AttachSpec &point : spec.attach) attach(program, point, attachments_, refused_);
  } catch (const Failure &failure) {
    throw Failure(failure.operation, spec.program, failure.error, failure.log);
  }
  if (!refused_.empty()) throw Failure("attach", spec.program, EINVAL);
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
