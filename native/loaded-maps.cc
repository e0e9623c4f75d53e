#include "loaded-maps.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "errors.h"
#include "fd.h"
#include "kernel-objects.h"
#include "map-shapes.h"

Napi::Object describeMap(Napi::Env env, uint32_t id) {
  const auto [fd, info] = mapOf(id, "id " + std::to_string(id));
  const LibbpfLog log;
  btf *loaded = info.btf_id == 0 ? nullptr : btf__load_from_kernel_by_id(info.btf_id);
  // its bytes can be shown without
  const std::unique_ptr<btf, void (*)(btf *)> types(libbpf_get_error(loaded) == 0 ? loaded : nullptr, btf__free);
  Shaper shaper(env, types.get());
  Napi::Object shape = mapShape(env, types == nullptr ? nullptr : &shaper, info.name, info);
  shape.Set("id", id);
  return shape;
}

Napi::Array loadedMaps(Napi::Env env) {
  Napi::Array maps = Napi::Array::New(env);
  eachMap([&](uint32_t id, int, const bpf_map_info &info) {
    const Napi::HandleScope scope(env);
    Napi::Object map = mapShape(env, nullptr, info.name, info);
    map.Set("id", id);
    maps.Set(maps.Length(), map);
  });
  return maps;
}

uint32_t pinnedMap(const std::string &path) {
  const Fd fd(bpf_obj_get(path.c_str()));
  if (!fd.valid()) throw Failure("read map", path, errno);
  char target[32]{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd.get());
  const bool isMap = readlink(link.c_str(), target, sizeof target - 1) > 0 && strstr(target, "bpf-map") != nullptr;
  if (!isMap) throw Failure("read map", path, EMEDIUMTYPE);
  return mapInfo(fd.get(), path).id;
}
