#include "map-shapes.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <string>
#include <tuple>

#include "btf-kinds.h"
#include "errors.h"
#include "programs.h"

namespace {

constexpr int kDeepest = 32;  // a damaged BTF may be circular
constexpr uint32_t kMostShapes = 100'000;  // types, members and enumerators of all maps and globals of an object

/** Types as TypeShapes. A type is described wherever it is used: `left_` bounds what a few nested ones could become. */
class Shaper {
 public:
  Shaper(Napi::Env env, const btf *types) : env_(env), types_(types) {}

  Napi::Object shape(int id, int depth = 0) {
    Napi::Object shape = Napi::Object::New(env_);
    const bool big = isBig(id);
    id = btf__resolve_type(types_, id);
    const btf_type *type = id < 0 || depth > kDeepest || left_ == 0 ? nullptr : btf__type_by_id(types_, id);
    const auto set = [&](const char *key, auto value) { shape.Set(key, value); };
    if (type == nullptr) {
      set("kind", "other"), set("name", "void"), set("size", 0);
      return shape;
    }
    left_--;
    const std::string name = nameAt(types_, type->name_off);
    if (btf_is_int(type)) {
      set("kind", "int"), set("size", type->size), set("signed", (btf_int_encoding(type) & BTF_INT_SIGNED) != 0);
      if (type->size == 1 && (name == "char" || (btf_int_encoding(type) & BTF_INT_CHAR) != 0)) set("char", true);
      if ((btf_int_encoding(type) & BTF_INT_BOOL) != 0) set("bool", true);
      if (big) set("big", true);
    } else if (btf_is_enum(type) || btf_kind(type) == kEnum64) {
      set("kind", "enum"), set("name", name), set("size", type->size), set("signed", btf_kflag(type)), set("values", enumerators(type));
    } else if (btf_is_array(type)) {
      set("kind", "array"), set("size", sizeOf(id)), set("length", btf_array(type)->nelems);
      set("element", this->shape(btf_array(type)->type, depth + 1));
    } else if (btf_is_composite(type) || btf_is_datasec(type)) {
      set("kind", btf_is_union(type) ? "union" : "struct"), set("name", name), set("size", type->size), set("members", members(type, depth));
    } else if (btf_is_ptr(type)) {
      set("kind", "pointer"), set("size", 8);
    } else {
      set("kind", "other"), set("name", name), set("size", sizeOf(id));
    }
    return shape;
  }

 private:
  /** __be16 and the like are typedefs of plain integers. */
  bool isBig(int id) const {
    const btf_type *type = btf__type_by_id(types_, id);
    for (int depth = 0; type != nullptr && depth < kDeepest && (btf_is_mod(type) || btf_is_typedef(type)); depth++) {
      if (btf_is_typedef(type) && nameAt(types_, type->name_off).rfind("__be", 0) == 0) return true;
      type = btf__type_by_id(types_, type->type);
    }
    return false;
  }

  double sizeOf(int id) const {
    const int64_t size = btf__resolve_size(types_, id);
    return size < 0 ? 0 : static_cast<double>(size);
  }

  Napi::Object enumerators(const btf_type *type) {
    Napi::Object values = Napi::Object::New(env_);
    const auto *wide = reinterpret_cast<const Enum64 *>(type + 1);
    for (int i = 0; i < btf_vlen(type) && left_ > 0; i++, left_--) {
      if (btf_is_enum(type)) {
        const int32_t value = btf_enum(type)[i].val;
        values.Set(nameAt(types_, btf_enum(type)[i].name_off), btf_kflag(type) ? static_cast<double>(value) : static_cast<double>(static_cast<uint32_t>(value)));
      } else {
        const uint64_t value = static_cast<uint64_t>(wide[i].high) << 32 | wide[i].low;
        values.Set(nameAt(types_, wide[i].name), btf_kflag(type) ? static_cast<double>(static_cast<int64_t>(value)) : static_cast<double>(value));
      }
    }
    return values;
  }

  Napi::Array members(const btf_type *type, int depth) {
    Napi::Array members = Napi::Array::New(env_);
    for (int i = 0; i < btf_vlen(type) && left_ > 0; i++) {
      Napi::Object entry = Napi::Object::New(env_);
      if (btf_is_datasec(type)) {  // .bss and the like: variables in place of members
        const struct btf_var_secinfo &info = btf_var_secinfos(type)[i];
        const btf_type *variable = btf__type_by_id(types_, info.type);
        entry.Set("name", variable == nullptr ? "" : nameAt(types_, variable->name_off));
        entry.Set("bitOffset", static_cast<double>(info.offset) * 8);
        entry.Set("type", shape(info.type, depth + 1));
      } else {
        const struct btf_member &member = btf_members(type)[i];
        entry.Set("name", nameAt(types_, member.name_off));
        entry.Set("bitOffset", btf_member_bit_offset(type, i));
        if (btf_member_bitfield_size(type, i) != 0) entry.Set("bits", btf_member_bitfield_size(type, i));
        entry.Set("type", shape(member.type, depth + 1));
      }
      members.Set(i, entry);
    }
    return members;
  }

  Napi::Env env_;
  const btf *types_;
  uint32_t left_ = kMostShapes;
};

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

/** @param shaper null: nothing is known of its types */
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

Napi::Object describeMap(Napi::Env env, uint32_t id) {
  const int fd = bpf_map_get_fd_by_id(id);
  if (fd < 0) throw Failure("read map", "id " + std::to_string(id), errno);
  bpf_map_info info{};
  uint32_t size = sizeof info;
  const int error = bpf_obj_get_info_by_fd(fd, &info, &size) == 0 ? 0 : errno;
  close(fd);
  if (error != 0) throw Failure("read map", "id " + std::to_string(id), error);
  const LibbpfLog log;
  btf *types = info.btf_id == 0 ? nullptr : btf__load_from_kernel_by_id(info.btf_id);
  if (libbpf_get_error(types) != 0) types = nullptr;  // its bytes can be shown without
  Shaper shaper(env, types);
  Napi::Object shape = mapShape(env, types == nullptr ? nullptr : &shaper, info.name, info);
  shape.Set("id", id);
  btf__free(types);
  return shape;
}

Napi::Array loadedMaps(Napi::Env env) {
  Napi::Array maps = Napi::Array::New(env);
  for (uint32_t id = 0; bpf_map_get_next_id(id, &id) == 0;) {
    const int fd = bpf_map_get_fd_by_id(id);
    if (fd < 0 && errno == ENOENT) continue;  // it has gone since
    if (fd < 0) throw Failure("read map", "id " + std::to_string(id), errno);
    bpf_map_info info{};
    uint32_t size = sizeof info;
    const int error = bpf_obj_get_info_by_fd(fd, &info, &size) == 0 ? 0 : errno;
    close(fd);
    if (error == 0) maps.Set(maps.Length(), mapShape(env, nullptr, info.name, info)), maps.Get(maps.Length() - 1).As<Napi::Object>().Set("id", id);
  }
  if (errno != ENOENT) throw Failure("read map", "of this machine", errno);
  return maps;
}

uint32_t pinnedMap(const std::string &path) {
  const int fd = bpf_obj_get(path.c_str());
  if (fd < 0) throw Failure("read map", path, errno);
  bpf_map_info info{};
  uint32_t size = sizeof info;
  const int error = bpf_obj_get_info_by_fd(fd, &info, &size) == 0 ? 0 : errno;
  char target[32]{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const bool isMap = readlink(link.c_str(), target, sizeof target - 1) > 0 && strstr(target, "bpf-map") != nullptr;
  close(fd);
  if (!isMap) throw Failure("read map", path, EMEDIUMTYPE);
  if (error != 0) throw Failure("read map", path, error);
  return info.id;
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
