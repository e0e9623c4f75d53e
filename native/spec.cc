#include "spec.h"

#include <linux/bpf.h>

namespace {

const std::map<std::string, uint32_t> mapTypes = {
    {"hash", BPF_MAP_TYPE_HASH},
    {"percpu_hash", BPF_MAP_TYPE_PERCPU_HASH},
    {"lru_hash", BPF_MAP_TYPE_LRU_HASH},
    {"lru_percpu_hash", BPF_MAP_TYPE_LRU_PERCPU_HASH},
    {"percpu_array", BPF_MAP_TYPE_PERCPU_ARRAY},
    {"array", BPF_MAP_TYPE_ARRAY},
    {"stack_trace", BPF_MAP_TYPE_STACK_TRACE},
    {"ringbuf", BPF_MAP_TYPE_RINGBUF},
};

std::string text(const Napi::Object &object, const char *name) {
  const Napi::Value value = object.Get(name);
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
}

int64_t number(const Napi::Object &object, const char *name) {
  const Napi::Value value = object.Get(name);
  return value.IsNumber() ? value.As<Napi::Number>().Int64Value() : 0;
}

bool truth(const Napi::Object &object, const char *name) { return object.Get(name).ToBoolean().Value(); }

template <typename T, typename Read>
std::vector<T> list(const Napi::Object &object, const char *name, Read read) {
  std::vector<T> result;
  const Napi::Value value = object.Get(name);
  if (!value.IsArray()) return result;
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) result.push_back(read(array.Get(i)));
  return result;
}

int64_t integer(const Napi::Value &value) { return value.As<Napi::Number>().Int64Value(); }

MapSpec readMap(const Napi::Object &map) {
  const std::string type = text(map, "type");
  const auto known = mapTypes.find(type);
  if (known == mapTypes.end()) throw Napi::TypeError::New(map.Env(), "unknown map type '" + type + "'");
  MapSpec spec{text(map, "name"),
               known->second,
               static_cast<uint32_t>(number(map, "keySize")),
               static_cast<uint32_t>(number(map, "valueSize")),
               static_cast<uint32_t>(number(map, "maxEntries")),
               list<uint32_t>(map, "maxWords", integer)};
  if (map.Get("hot").IsObject()) {
    const Napi::Object hot = map.Get("hot").As<Napi::Object>();
    spec.hotMap = text(hot, "map");
    spec.hotSlots = number(hot, "slots");
    spec.hotParts = number(hot, "parts");
    spec.hotLeast = number(hot, "least");
  }
  if (map.Get("kept").IsObject()) {
    const Napi::Object kept = map.Get("kept").As<Napi::Object>();
    spec.kept = MapHandle::Kept{static_cast<uint32_t>(number(kept, "keySize")), list<uint32_t>(kept, "signedWords", integer)};
  }
  return spec;
}

AttachSpec readAttach(const Napi::Object &attach) {
  AttachSpec spec;
  spec.kind = text(attach, "kind");
  spec.category = text(attach, "category");
  spec.name = spec.kind == "kprobe" ? text(attach, "function") : text(attach, "name");
  spec.path = text(attach, "path");
  spec.eventType = text(attach, "eventType");
  spec.functions = list<std::string>(attach, "functions", [](const Napi::Value &v) { return v.As<Napi::String>().Utf8Value(); });
  spec.offsets = list<unsigned long>(attach, "offsets", integer);
  spec.cookies = list<uint64_t>(attach, "cookies", integer);
  spec.semaphores = list<uint64_t>(attach, "semaphores", integer);
  spec.offset = number(attach, "offset");
  const Napi::Value address = attach.Get("address");
  bool lossless;
  if (address.IsBigInt()) spec.address = address.As<Napi::BigInt>().Uint64Value(&lossless);
  spec.semaphore = number(attach, "semaphore");
  spec.cookie = number(attach, "cookie");
  spec.config = number(attach, "config");
  spec.period = number(attach, "period");
  spec.pid = number(attach, "pid");
  spec.retprobe = truth(attach, "retprobe");
  spec.frequency = truth(attach, "frequency");
  return spec;
}

std::map<std::string, std::vector<uint8_t>> readGlobals(const Napi::Object &of) {
  std::map<std::string, std::vector<uint8_t>> result;
  const Napi::Object globals = of.Get("globals").As<Napi::Object>();
  const Napi::Array names = globals.GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); i++) {
    const std::string name = names.Get(i).As<Napi::String>().Utf8Value();
    result[name] = bytesOf(globals.Get(name));
  }
  return result;
}

std::vector<AttachSpec> readAttachments(const Napi::Object &program) {
  return list<AttachSpec>(program, "attach", [](const Napi::Value &v) { return readAttach(v.As<Napi::Object>()); });
}

ProgramSpec readProgram(const Napi::Object &program) {
  return {text(program, "program"), text(program, "type"), text(program, "target"), readGlobals(program), readAttachments(program)};
}

const std::map<std::string, Order::By> orders = {
    {"none", Order::By::none},
    {"word", Order::By::word},
    {"signedWord", Order::By::signedWord},
    {"complement", Order::By::complement},
    {"delta", Order::By::delta},
    {"average", Order::By::average},
    {"averageSigned", Order::By::averageSigned},
    {"share", Order::By::share},
    {"text", Order::By::text},
    {"integer", Order::By::integer},
    {"signedInteger", Order::By::signedInteger},
};

Order readOrder(const Napi::Object &given) {
  Order order;
  const auto by = orders.find(text(given, "by"));
  if (by == orders.end()) throw Napi::TypeError::New(given.Env(), "unknown order");
  order.by = by->second;
  order.word = number(given, "word");
  order.slots = number(given, "slots");
  order.share = given.Get("share").IsNumber() ? given.Get("share").As<Napi::Number>().DoubleValue() : 0;
  order.offset = number(given, "offset");
  order.size = number(given, "size");
  order.descending = truth(given, "descending");
  return order;
}

OwnProgramSpec readOwnProgram(const Napi::Object &program) {
  return {text(program, "program"), text(program, "type"), text(program, "target"), readAttachments(program)};
}

Part readPart(const Napi::Value &value) {
  const Napi::Object part = value.As<Napi::Object>();
  return {text(part, "kind") == "text", static_cast<uint32_t>(number(part, "bitOffset")), static_cast<uint32_t>(number(part, "bits")), truth(part, "signed"), truth(part, "maximum")};
}

}  // namespace

Query readQuery(const Napi::Object &given) {
  Query query;
  query.order = readOrder(given.Get("order").As<Napi::Object>());
  query.sums = list<SumWord>(given, "sums", [](const Napi::Value &v) {
    const Napi::Object sum = v.As<Napi::Object>();
    return SumWord{static_cast<uint32_t>(number(sum, "word")), truth(sum, "signed")};
  });
  const double limit = given.Get("limit").As<Napi::Number>().DoubleValue();
  if (limit < UINT32_MAX) query.limit = static_cast<uint32_t>(limit);
  query.changed = given.Get("changed").ToBoolean();
  if (given.Get("filter").IsObject()) {
    const Napi::Object filter = given.Get("filter").As<Napi::Object>();
    query.filter.text = text(filter, "text");
    query.filter.fields = list<Filter::Field>(filter, "fields", [](const Napi::Value &v) {
      const Napi::Object field = v.As<Napi::Object>();
      return Filter::Field{static_cast<uint32_t>(number(field, "offset")), static_cast<uint32_t>(number(field, "size")), truth(field, "text"),
                           truth(field, "signed"), truth(field, "value")};
    });
  }
  return query;
}

std::vector<uint8_t> bytesOf(const Napi::Value &value) {
  const Napi::Uint8Array bytes = value.As<Napi::Uint8Array>();
  return {bytes.Data(), bytes.Data() + bytes.ByteLength()};
}

Reading readReading(const Napi::Object &of) {
  const Napi::Object given = of.Get("reading").As<Napi::Object>();
  Reading reading;
  reading.key = list<Part>(given, "key", readPart);
  reading.words = list<Part>(given, "words", readPart);
  reading.labels = list<Part>(given, "labels", readPart);
  if (given.Get("bucket").IsObject()) reading.bucket = readPart(given.Get("bucket"));
  reading.slots = number(given, "slots");
  reading.sumSlots = truth(given, "sumSlots");
  reading.firstSlot = number(given, "firstSlot");
  reading.grouped = truth(given, "grouped");
  reading.skipZero = truth(given, "skipZero");
  reading.gauges = truth(given, "gauges");
  return reading;
}

Cut cutOf(const Napi::Object &spec) {
  const std::string cut = text(spec, "cut");
  return cut == "nothing" ? Cut::nothing : cut == "unreached" ? Cut::unreached : Cut::all;
}

SessionSpec readSpec(const Napi::Object &spec) {
  return {text(spec, "object"),
          list<MapSpec>(spec, "maps", [](const Napi::Value &v) { return readMap(v.As<Napi::Object>()); }),
          list<ProgramSpec>(spec, "programs", [](const Napi::Value &v) { return readProgram(v.As<Napi::Object>()); }),
          truth(spec, "statistics"),
          cutOf(spec)};
}

ObjectSpec readObjectSpec(const Napi::Object &spec) {
  return {text(spec, "name"),
          bytesOf(spec.Get("bytes")),
          readGlobals(spec),
          list<OwnProgramSpec>(spec, "programs", [](const Napi::Value &v) { return readOwnProgram(v.As<Napi::Object>()); }),
          text(spec, "map"),
          static_cast<uint32_t>(number(spec, "maxEntries")),
          readReading(spec),
          truth(spec, "statistics")};
}

LoadedMapSpec readLoadedMapSpec(const Napi::Object &spec) {
  return {static_cast<uint32_t>(number(spec, "id")), text(spec, "name"), readReading(spec)};
}
