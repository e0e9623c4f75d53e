// SessionSpec of contract.ts as plain C++ values, copied before the work leaves the JavaScript thread.
#pragma once
#include <napi.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "live-loading.h"
#include "maps.h"
#include "reading.h"
#include "tally.h"

struct MapSpec {
  std::string name;
  uint32_t type;  // enum bpf_map_type
  uint32_t keySize, valueSize, maxEntries;
  std::vector<uint32_t> maxWords;
  std::string hotMap = {};  // empty: nothing stands in front of it
  uint32_t hotSlots = 0, hotParts = 0, hotLeast = 0;
  std::optional<MapHandle::Kept> kept = {};
};

struct AttachSpec {
  std::string kind, category, name, path, eventType;
  std::vector<std::string> functions;
  std::vector<unsigned long> offsets;
  std::vector<uint64_t> cookies, semaphores;
  uint64_t offset = 0, semaphore = 0, address = 0, cookie = 0, config = 0, period = 0;
  int pid = 0;
  bool retprobe = false, frequency = false;
};

struct ProgramSpec {
  std::string program, type, target;
  std::map<std::string, std::vector<uint8_t>> globals;
  std::vector<AttachSpec> attach;
};

struct SessionSpec {
  std::string object;
  std::vector<MapSpec> maps;
  std::vector<ProgramSpec> programs;
  bool statistics = false;
  Cut cut = Cut::all;
};

/** A program of a user's object. */
struct OwnProgramSpec {
  std::string program;
  std::string type, target;  // empty: as its section says
  std::vector<AttachSpec> attach;
};

struct ObjectSpec {
  std::string name;
  std::vector<uint8_t> bytes;
  std::map<std::string, std::vector<uint8_t>> globals;
  std::vector<OwnProgramSpec> programs;
  std::string map;
  uint32_t maxEntries = 0;  // 0: as the object says
  Reading reading;
  bool statistics = false;
};

struct LoadedMapSpec {
  uint32_t id = 0;
  std::string name;
  Reading reading;
};

/** @throws Napi::TypeError: our own bug, TypeScript has checked it. */
SessionSpec readSpec(const Napi::Object &spec);
/** SampleQuery of contract.ts. */
Query readQuery(const Napi::Object &query);
ObjectSpec readObjectSpec(const Napi::Object &spec);
LoadedMapSpec readLoadedMapSpec(const Napi::Object &spec);
/** Of the member `reading`. */
Reading readReading(const Napi::Object &of);
std::vector<uint8_t> bytesOf(const Napi::Value &value);
