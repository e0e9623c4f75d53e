#include "map-shapes.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include <initializer_list>
#include <string>
#include <tuple>

#include "btf-kinds.h"
#include "programs.h"

namespace {

Napi::Array globalsOf(Napi::Env env, const btf *types, Shaper &shaper) {
  Napi::Array globals = Napi::Array::New(env);
  for (uint32_t id = 1; types != nullptr && id < btf__type_cnt(types); id++) {
    const btf_type *section = btf__type_by_id(types, id);
    const std::string name = nameAt(types, section->name_off);
    if (!btf_is_datasec(section) || name == ".maps" || name == "license" || name == "version" || name[0] != '.') continue;
    for (int i = 0; i < btf_vlen(section); i++) {
      const struct btf_var_secinfo &info = btf_var_secinfos(section)[i];
      const btf_type *variable = btf__type_by_id(types, info.type);
      if (variable == nullptr || !btf_is_var(variable)) continue;
      Napi::Object global = Napi::Object::New(env);
      global.Set("name", nameAt(types, variable->name_off));
      global.Set("section", name);
      global.Set("size", info.size);
      global.Set("type", shaper.shape(variable->type));
      globals.Set(globals.Length(), global);
    }
  }
  return globals;
}

Napi::Array programsOf(Napi::Env env, bpf_object *object) {
  Napi::Array programs = Napi::Array::New(env);
  bpf_program *program;
  bpf_object__for_each_program(program, object) {
    Napi::Object entry = Napi::Object::New(env);
    const char *type = libbpf_bpf_prog_type_str(bpf_program__type(program));
    entry.Set("name", bpf_program__name(program));
    entry.Set("section", bpf_program__section_name(program));
    entry.Set("type", type == nullptr ? "unspec" : type);
    entry.Set("optional", !bpf_program__autoload(program));
    programs.Set(programs.Length(), entry);
  }
  return programs;
}

}  // namespace

Napi::Object mapShape(Napi::Env env, Shaper *shaper, const char *name, const bpf_map_info &info) {
  Napi::Object entry = Napi::Object::New(env);
  const char *typeName = libbpf_bpf_map_type_str(static_cast<bpf_map_type>(info.type));
  entry.Set("name", name);
  entry.Set("type", info.type);
  entry.Set("typeName", typeName == nullptr ? "type " + std::to_string(info.type) : typeName);
  entry.Set("keySize", info.key_size);
  entry.Set("valueSize", info.value_size);
  entry.Set("maxEntries", info.max_entries);
  if (shaper != nullptr && info.btf_key_type_id != 0) entry.Set("key", shaper->shape(info.btf_key_type_id));
  if (shaper != nullptr && info.btf_value_type_id != 0) entry.Set("value", shaper->shape(info.btf_value_type_id));
  return entry;
}

Napi::Object describeObject(Napi::Env env, bpf_object *object) {
  const btf *types = bpf_object__btf(object);
  Shaper shaper(env, types);
  Napi::Array maps = Napi::Array::New(env);
  bpf_map *map;
  bpf_object__for_each_map(map, object) {
    if (bpf_map__is_internal(map)) continue;
    bpf_map_info info{};
    info.type = bpf_map__type(map);
    info.key_size = bpf_map__key_size(map);
    info.value_size = bpf_map__value_size(map);
    info.max_entries = bpf_map__max_entries(map);
    info.btf_key_type_id = bpf_map__btf_key_type_id(map);
    info.btf_value_type_id = bpf_map__btf_value_type_id(map);
    maps.Set(maps.Length(), mapShape(env, types == nullptr ? nullptr : &shaper, bpf_map__name(map), info));
  }
  Napi::Object shape = Napi::Object::New(env);
  shape.Set("globals", globalsOf(env, types, shaper));
  shape.Set("maps", maps);
  shape.Set("programs", programsOf(env, object));
  return shape;
}

Napi::Object programsShape(Napi::Env env) {
  const auto integer = [&](uint32_t size) {
    Napi::Object shape = Napi::Object::New(env);
    shape.Set("kind", "int"), shape.Set("size", size), shape.Set("signed", false);
    return shape;
  };
  const auto text = [&](uint32_t length) {
    Napi::Object element = integer(1), shape = Napi::Object::New(env);
    element.Set("char", true);
    shape.Set("kind", "array"), shape.Set("size", length), shape.Set("length", length), shape.Set("element", element);
    return shape;
  };
  const auto record = [&](uint32_t size, std::initializer_list<std::tuple<const char *, size_t, Napi::Object>> given) {
    Napi::Array members = Napi::Array::New(env);
    for (const auto &[name, offset, type] : given) {
      Napi::Object member = Napi::Object::New(env);
      member.Set("name", name), member.Set("bitOffset", static_cast<uint32_t>(offset * 8)), member.Set("type", type);
      members.Set(members.Length(), member);
    }
    Napi::Object shape = Napi::Object::New(env);
    shape.Set("kind", "struct"), shape.Set("name", "program"), shape.Set("size", size), shape.Set("members", members);
    return shape;
  };
  Napi::Object map = Napi::Object::New(env);
  map.Set("name", "bpf-programs"), map.Set("type", static_cast<uint32_t>(BPF_MAP_TYPE_HASH)), map.Set("maxEntries", 0);
  map.Set("keySize", static_cast<uint32_t>(sizeof(ProgramKey))), map.Set("valueSize", static_cast<uint32_t>(sizeof(ProgramValue)));
  map.Set("key", record(sizeof(ProgramKey), {{"id", offsetof(ProgramKey, id), integer(4)},
                                             {"type", offsetof(ProgramKey, type), text(sizeof ProgramKey::type)},
                                             {"name", offsetof(ProgramKey, name), text(sizeof ProgramKey::name)},
                                             {"pid", offsetof(ProgramKey, pid), integer(4)},
                                             {"process", offsetof(ProgramKey, process), text(sizeof ProgramKey::process)}}));
  map.Set("value", record(sizeof(ProgramValue), {{"runs", offsetof(ProgramValue, runs), integer(8)},
                                                 {"nanoseconds", offsetof(ProgramValue, nanoseconds), integer(8)},
                                                 {"missed", offsetof(ProgramValue, missed), integer(8)}}));
  return map;
}
