// BTF and objects on the road that they take in the addon: shapes are made as for JavaScript, and put nowhere.
#include "fuzz.h"

#include "../map-shapes.cc"
#include "../object.cc"
#include "../type-shapes.cc"

void fuzzTypes(const std::vector<uint8_t> &bytes) {
  const LibbpfLog log;
  btf *types = btf__new(bytes.data(), static_cast<uint32_t>(bytes.size()));
  if (libbpf_get_error(types) != 0 || types == nullptr) return;
  const Napi::Env env(nullptr);
  {
    Shaper shaper(env, types);
    globalsOf(env, types, shaper);
  }
  for (uint32_t id = 0; id < std::min(btf__type_cnt(types) + 2, 200u); id++) Shaper(env, types).shape(static_cast<int>(id));
  btf__free(types);
}

void fuzzObject(const std::vector<uint8_t> &bytes) {
  bpf_object *object = openObject("damaged", bytes, true);
  describeObject(Napi::Env(nullptr), object);
  bpf_object__close(object);
}

void fuzzObjectApart(const std::vector<uint8_t> &bytes) {
  const LibbpfLog log;
  bpf_object *object = openBytes("damaged", bytes);
  if (libbpf_get_error(object) != 0) return;
  relocate(object);
  bpf_object__close(object);
}

void fuzzObjectInside(const std::vector<uint8_t> &bytes) {
  const LibbpfLog log;
  bpf_object *object = openBytes("damaged", bytes);
  if (libbpf_get_error(object) != 0) return;
  describeObject(Napi::Env(nullptr), object);
  bpf_object__close(object);
}
