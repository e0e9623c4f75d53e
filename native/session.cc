#include "session.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <cerrno>

#include "cpus.h"
#include "errors.h"
#include "kernel-time.h"
#include "live-loading.h"
#include "loading.h"
#include "object.h"

Session::Session(const SessionSpec &spec, volatile uint32_t *control) {
  const auto wanted = [control] {
    if (control != nullptr && control[0] != 0) throw Failure("attach", "the probes", ECANCELED);
  };
  const auto done = [control] {
    if (control != nullptr) control[1] = control[1] + 1;
  };
  if (control != nullptr) {
    control[2] = spec.programs.size();
    for (const ProgramSpec &program : spec.programs) control[2] = control[2] + program.attach.size();
  }
  possibleCpus();  // without it nothing that is counted could be read
  try {
    if (spec.statistics) statistics_ = bpf_enable_stats(BPF_STATS_RUN_TIME);  // without it, cost is not known: no error
    for (const ProgramSpec &program : spec.programs) wanted(), load(program, spec, spec.cut), done();
    for (size_t i = 0; i < spec.programs.size(); i++)
      for (const AttachSpec &point : spec.programs[i].attach) wanted(), attach(programs_[i], point, attachments_, refused_), done();
    arm();
  } catch (...) {
    close();
    throw;
  }
}

/** Tells the programs that from now on every event of each of their probes is seen. */
void Session::arm() {
  const auto armed = maps_.find("armed");
  if (armed == maps_.end()) return;
  const uint32_t only = 0;
  const uint64_t now = kernelTime();
  if (bpf_map_update_elem(armed->second.handle.fd, &only, &now, BPF_ANY) != 0) throw Failure("create map", "armed", errno);
}

void Session::load(const ProgramSpec &spec, const SessionSpec &session, Cut cut) {
  bpf_object *object = openBundled(session.object);
  objects_.push_back(object);
  bpf_program *wanted = programOf(object, spec.program);
  bpf_program *program;
  bpf_object__for_each_program(program, object) bpf_program__set_autoload(program, program == wanted);
  setProgramType(wanted, spec.type, spec.target);
  for (const auto &[name, value] : spec.globals) setGlobal(object, name, value);
  configureMaps(object, session);
  const LiveLoading live(object, cut);
  const auto [error, verifier, libbpf] = loadObject(object);
  if (error != 0 && !verifier.empty() && cut == Cut::all) {  // should a verifier ever want more than can run, it gets it
    objects_.pop_back();
    bpf_object__close(object);
    return load(spec, session, Cut::nothing);
  }
  if (error != 0) {
    const bool ofMap = libbpf.find("failed to create") != std::string::npos;
    throw Failure(ofMap ? "create map" : "load program", ofMap ? "counts" : spec.program, -error, verifier.empty() ? libbpf : verifier);
  }
  programs_.push_back(wanted);
  for (const MapSpec &map : session.maps) {
    if (maps_.count(map.name) != 0) continue;
    const int fd = bpf_object__find_map_fd_by_name(object, map.name.c_str());
    MapHandle &handle = maps_[map.name].handle = {map.name, fd, map.type, map.keySize, map.valueSize, map.maxEntries, map.maxWords, {}, map.kept, {}, 0, {}};
    if (!map.hotMap.empty()) handle.hot = {bpf_object__find_map_fd_by_name(object, map.hotMap.c_str()), map.hotSlots, map.hotParts, map.hotLeast};
  }
}

void Session::configureMaps(bpf_object *object, const SessionSpec &session) {
  bpf_map *map;
  bpf_object__for_each_map(map, object) {
    if (bpf_map__is_internal(map)) continue;
    const MapSpec *wanted = nullptr;
    for (const MapSpec &each : session.maps)
      if (each.name == bpf_map__name(map)) wanted = &each;
    if (wanted == nullptr) {
      bpf_map__set_autocreate(map, false);
      continue;
    }
    bpf_map__set_type(map, static_cast<bpf_map_type>(wanted->type));
    bpf_map__set_key_size(map, wanted->keySize);
    bpf_map__set_value_size(map, wanted->valueSize);
    bpf_map__set_max_entries(map, wanted->maxEntries);
    const auto shared = maps_.find(wanted->name);
    if (shared == maps_.end()) continue;
    const int error = bpf_map__reuse_fd(map, shared->second.handle.fd);
    if (error != 0) throw Failure("create map", wanted->name, -error);
  }
}

void Session::requireOpen() {
  if (closed_) throw Failure("use session", "closed", EBADF);
}

Snapshot Session::read(const std::string &name) {
  const std::lock_guard lock(mutex_);
  requireOpen();
  Opened &map = opened(name);
  return readMap(map.handle, map.batch);
}

Sample Session::sample(const std::string &name, const Query &query, const std::string &first) {
  const std::lock_guard lock(mutex_);
  requireOpen();
  Opened &map = opened(name);
  const RecordSize size = recordSize(map.handle);
  if (!isWithin(query, size)) throw Failure("read map", name, EINVAL);
  Bytes before;
  if (!first.empty()) {
    Opened &other = opened(first);
    before = readMap(other.handle, other.batch).values;
  }
  const std::optional<Reading> &reading = map.handle.reading;
  Sample sample = map.tally.take(readMap(map.handle, map.batch, map.tally.spare()), size.key, size.value, query, (reading && reading->gauges) || map.handle.kept);
  sample.first = std::move(before);
  return sample;
}

Snapshot Session::lookup(const std::string &name, const std::vector<uint8_t> &keys) {
  const std::lock_guard lock(mutex_);
  requireOpen();
  return lookupKeys(opened(name).handle, keys);
}

std::vector<uint8_t> Session::drain(const std::string &name) {
  const std::lock_guard lock(mutex_);
  requireOpen();
  if (ring_ == nullptr) ring_ = std::make_unique<Ring>(name, opened(name).handle.fd);
  return ring_->drain();
}

Session::Opened &Session::opened(const std::string &name) {
  const auto map = maps_.find(name);
  if (map == maps_.end()) throw Failure("read map", name, ENOENT);
  return map->second;
}

std::vector<ProgramRun> Session::programs() {
  const std::lock_guard lock(programsMutex_);
  requireOpen();
  std::vector<ProgramRun> runs;
  for (bpf_program *program : programs_) {
    bpf_prog_info info{};
    uint32_t size = sizeof info;
    if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) != 0) throw Failure("use session", "program", errno);
    uint64_t heldBack = heldBack_[program];
    for (const Attachment &attachment : attachments_) heldBack += attachment.heldBack(program);
    runs.push_back({info.id, info.name, info.run_cnt, info.run_time_ns, info.recursion_misses + heldBack, info.xlated_prog_len / 8});
  }
  return runs;
}

void Session::statistics(bool on) {
  const std::lock_guard lock(statisticsMutex_);
  if (on && statistics_ < 0 && !closed_) statistics_ = bpf_enable_stats(BPF_STATS_RUN_TIME);  // without it, cost is not known: no error
  if (!on && statistics_ >= 0) {
    ::close(statistics_);
    statistics_ = -1;
  }
}

/** Lets go of all probes, and keeps what is known of them alone. Not while it is asked for that; to detach them takes its time. */
void Session::release() {
  std::vector<Attachment> gone;
  {
    const std::lock_guard lock(programsMutex_);
    for (const bpf_program *program : programs_)
      for (const Attachment &attachment : attachments_) heldBack_[program] += attachment.heldBack(program);
    gone.swap(attachments_);
  }
  // the last ones first: an end that is still probed when its start is not looks like a loss
  while (!gone.empty()) gone.pop_back();
}

void Session::detach() {
  const std::lock_guard lock(mutex_);
  release();
}

void Session::close() {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  closed_ = true;
  release();
  {
    const std::lock_guard programs(programsMutex_);
    programs_.clear();
  }
  for (bpf_object *object : objects_) bpf_object__close(object);
  objects_.clear();
  maps_.clear();
  ring_.reset();
  statistics(false);
}
