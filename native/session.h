// A session: objects opened, configured, loaded and attached, and the maps they share. Thread-safe: one operation at a
// time; whoever waits finds it closed.
#pragma once
#include <bpf/libbpf.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "attach.h"
#include "maps.h"
#include "ring.h"
#include "spec.h"
#include "tally.h"

struct ProgramRun {
  uint32_t id;
  std::string name;
  uint64_t runs, nanoseconds;
  /** Runs that the kernel skipped, and samples that it kept back. */
  uint64_t missed;
  uint32_t instructions;
};

class Session {
 public:
  /** One that is closed. */
  Session() : closed_(true) {}
  /**
   * `control`: whoever sets its [0] does not want the session any more, [1] of [2] is done (a thousand probes, one by one,
   * take a while). @throws Failure; nothing stays open then.
   */
  explicit Session(const SessionSpec &spec, volatile uint32_t *control = nullptr);
  /** A user's own object; its table is the map "counts". */
  explicit Session(const ObjectSpec &spec);
  /** A map that others loaded, as "counts". Nothing of it is held between two reads. */
  explicit Session(const LoadedMapSpec &spec);
  /** All programs of the machine, as "counts", with the kernel's statistics switched on. */
  explicit Session(const Reading &ofPrograms);
  ~Session() { close(); }
  Session(const Session &) = delete;

  Snapshot read(const std::string &map);
  /** What came to the map since the last sample of it, and the rows wanted. @param first a map that is read before; empty: none */
  Sample sample(const std::string &map, const Query &query, const std::string &first);
  Snapshot lookup(const std::string &map, const std::vector<uint8_t> &keys);
  /** Records of a ring buffer, one behind the other. */
  std::vector<uint8_t> drain(const std::string &map);
  /** Does not wait for a read. */
  std::vector<ProgramRun> programs();
  /** The kernel counts runs and their time; costs each run two readings of the clock. Does not wait for a read. */
  void statistics(bool on);
  /** Where no probe could be put, while others could. */
  const std::vector<RefusedPlace> &refused() const { return refused_; }
  void detach();
  void close();

 private:
  void load(const ProgramSpec &spec, const SessionSpec &session, Cut cut);
  void arm();
  void configureMaps(bpf_object *object, const SessionSpec &session);
  void loadOwn(bpf_object *object, const ObjectSpec &spec);
  void attachOwn(bpf_program *program, const OwnProgramSpec &spec);
  void release();
  void requireOpen();
  /** A map, and what is kept of it between two reads. */
  struct Opened {
    MapHandle handle;
    Batch batch = {};
    Tally tally = {};
  };
  Opened &opened(const std::string &map);

  std::mutex mutex_;
  std::atomic<bool> closed_ = false;
  /** Of the programs' handles: asked for on the JavaScript thread, which waits for no reader of a map. */
  std::mutex programsMutex_;
  std::mutex statisticsMutex_;
  int statistics_ = -1;
  std::vector<bpf_object *> objects_;
  std::vector<bpf_program *> programs_;
  std::vector<Attachment> attachments_;
  std::vector<RefusedPlace> refused_;
  /** Of attachments that are gone. */
  std::map<const bpf_program *, uint64_t> heldBack_;
  std::map<std::string, Opened> maps_;
  std::unique_ptr<Ring> ring_;
};
