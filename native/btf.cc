#include "btf.h"

#include <bpf/btf.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <time.h>
#include <unistd.h>

#include <dirent.h>

#include <cerrno>
#include <memory>
#include <set>
#include <string>
#include <vector>
#include <cstring>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "errors.h"
#include "programs.h"

namespace {

constexpr int kDeepest = 32;  // a damaged BTF may be circular

const char *const kindNames[] = {"void", "int", "ptr", "array", "struct", "union", "enum", "fwd", "typedef", "volatile",
                                 "const", "restrict", "func", "func_proto", "var", "datasec", "float", "decl_tag", "type_tag", "enum64"};
constexpr uint32_t kKinds = sizeof kindNames / sizeof *kindNames;
constexpr uint32_t kEnum64 = 19;

struct Enum64 {
  uint32_t name, low, high;
};
constexpr uint32_t kMostShapes = 100'000;  // types, members and enumerators of all maps and globals of an object

/** Of a damaged file, a name may lie nowhere. */
std::string nameAt(const btf *types, uint32_t offset) {
  const char *name = btf__name_by_offset(types, offset);
  return name == nullptr ? "" : name;
}

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

/**
 * The types of the kernel and of its loaded modules as one. A module's BTF goes on where the kernel's ends, each for itself:
 * so that an id says which module it is of, those of module N are N << kModuleShift higher. Loaded once, modules when a
 * name is not the kernel's own.
 */
class Types {
 public:
  static Types &get() {
    // 6 MB, of the kernel that runs: the same as long as this process lives. Each JavaScript thread has its own, as names are
    // indexed when they are asked for
    thread_local std::unique_ptr<Types> types;
    if (types == nullptr) types.reset(new Types());
    return *types;
  }

  ~Types() {
    for (auto module = all_.rbegin(); module != all_.rend(); ++module) btf__free(*module);  // the kernel's last: theirs refer to it
  }
  Types(const Types &) = delete;

  struct Found {
    const btf *types;
    const btf_type *type;  // null: no such id
    uint64_t module;
  };

  const btf *kernel() const { return all_[0]; }

  Found at(uint64_t id) const {
    const uint64_t module = id >> kModuleShift;
    if (module >= all_.size()) return {kernel(), nullptr, 0};
    return {all_[module], btf__type_by_id(all_[module], id & ((1u << kModuleShift) - 1)), module};
  }

  /** An id that a type of that module refers to. */
  double idIn(uint64_t module, uint32_t id) const { return id < btf__type_cnt(kernel()) ? id : static_cast<double>((module << kModuleShift) + id); }

  double find(const char *name, uint32_t kind) {
    Names &names = names_[kind];
    index(names, kind);
    auto found = names.ids.find(name);
    if (found == names.ids.end()) {
      loadModules();
      index(names, kind);
      found = names.ids.find(name);
    }
    return found == names.ids.end() ? 0 : found->second;
  }

 private:
  static constexpr int kModuleShift = 24;

  Types() {
    const LibbpfLog log;
    btf *loaded = btf__load_vmlinux_btf();
    if (libbpf_get_error(loaded) != 0 || loaded == nullptr) throw Failure("read btf", "vmlinux", loaded == nullptr ? errno : -libbpf_get_error(loaded), log.text());
    all_.push_back(loaded);
  }

  /** Of one kind: a wildcard asks for thousands of names, and libbpf walks all types for each. */
  struct Names {
    std::unordered_map<std::string_view, double> ids;
    size_t indexed = 0;  // of all_
  };

  /** The first of a name stays: the kernel's own before a module's. */
  void index(Names &names, uint32_t kind) {
    for (; names.indexed < all_.size(); names.indexed++) {
      const btf *types = all_[names.indexed];
      const uint32_t begin = names.indexed == 0 ? 1 : btf__type_cnt(kernel());
      for (uint32_t id = begin; id < btf__type_cnt(types); id++) {
        const btf_type *type = btf__type_by_id(types, id);
        const char *name = btf__name_by_offset(types, type->name_off);
        if (btf_kind(type) == kind && name != nullptr && *name != 0) names.ids.try_emplace(name, idIn(names.indexed, id));
      }
    }
  }

  /** Those that came since the last time too; many names that nothing has are asked for in a row. */
  void loadModules() {
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec == scanned_) return;
    scanned_ = now.tv_sec;
    const LibbpfLog log;
    DIR *folder = opendir("/sys/kernel/btf");
    if (folder == nullptr) return;
    while (const dirent *entry = readdir(folder)) {
      const std::string name = entry->d_name;
      if (name == "vmlinux" || name[0] == '.' || !known_.insert(name).second) continue;
      btf *loaded = btf__load_module_btf(name.c_str(), all_[0]);
      if (loaded != nullptr && libbpf_get_error(loaded) == 0) all_.push_back(loaded);
    }
    closedir(folder);
  }

  std::vector<btf *> all_;
  std::set<std::string> known_;
  std::unordered_map<uint32_t, Names> names_;
  time_t scanned_ = -1;
};

Napi::Value findType(const Napi::CallbackInfo &info) {
  const std::string kind = info[0].As<Napi::String>().Utf8Value(), name = info[1].As<Napi::String>().Utf8Value();
  for (uint32_t k = 0; k < kKinds; k++)
    if (kind == kindNames[k]) return Napi::Number::New(info.Env(), Types::get().find(name.c_str(), k));
  return Napi::Number::New(info.Env(), 0);
}

Napi::Value typeById(const Napi::CallbackInfo &info) {
  const Napi::Env env = info.Env();
  const Types &all = Types::get();
  const auto [types, type, module] = all.at(info[0].As<Napi::Number>().Int64Value());
  Napi::Object result = Napi::Object::New(env);
  const uint32_t kind = type == nullptr ? 0 : btf_kind(type);
  const auto text = [types = types](uint32_t offset) { const char *name = btf__name_by_offset(types, offset); return name == nullptr ? "" : name; };
  const auto idOf = [&all, module = module](uint32_t id) { return all.idIn(module, id); };
  const bool sized = kind == BTF_KIND_INT || kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION || kind == BTF_KIND_ENUM || kind == kEnum64 || kind == BTF_KIND_DATASEC || kind == BTF_KIND_FLOAT;
  result.Set("kind", kind < kKinds ? kindNames[kind] : "void");
  result.Set("name", type == nullptr ? "" : text(type->name_off));
  result.Set("size", type != nullptr && sized ? type->size : 0);
  result.Set("type", type == nullptr || sized ? 0 : idOf(kind == BTF_KIND_ARRAY ? btf_array(type)->type : type->type));
  result.Set("signed", kind == BTF_KIND_INT ? (btf_int_encoding(type) & BTF_INT_SIGNED) != 0 : (kind == BTF_KIND_ENUM || kind == kEnum64) && btf_kflag(type));
  result.Set("char", kind == BTF_KIND_INT && (btf_int_encoding(type) & BTF_INT_CHAR) != 0);
  result.Set("length", kind == BTF_KIND_ARRAY ? btf_array(type)->nelems : 0);
  Napi::Array members = Napi::Array::New(env), values = Napi::Array::New(env);
  const auto add = [&](uint32_t i, uint32_t name, uint32_t of, uint32_t offset, uint32_t size) {
    Napi::Object member = Napi::Object::New(env);
    member.Set("name", text(name)), member.Set("type", idOf(of)), member.Set("bitOffset", offset), member.Set("bitSize", size);
    members.Set(i, member);
  };
  if (kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION)
    for (int i = 0; i < btf_vlen(type); i++)
      add(i, btf_members(type)[i].name_off, btf_members(type)[i].type, btf_member_bit_offset(type, i), btf_member_bitfield_size(type, i));
  if (kind == BTF_KIND_FUNC_PROTO)
    for (int i = 0; i < btf_vlen(type); i++) add(i, btf_params(type)[i].name_off, btf_params(type)[i].type, 0, 0);
  if (kind == BTF_KIND_ENUM)
    for (int i = 0; i < btf_vlen(type); i++) {
      Napi::Object value = Napi::Object::New(env);
      const int32_t number = btf_enum(type)[i].val;
      value.Set("name", text(btf_enum(type)[i].name_off));
      value.Set("value", btf_kflag(type) ? static_cast<double>(number) : static_cast<double>(static_cast<uint32_t>(number)));
      values.Set(i, value);
    }
  if (kind == kEnum64)
    for (int i = 0; i < btf_vlen(type); i++) {
      const Enum64 &wide = reinterpret_cast<const Enum64 *>(type + 1)[i];
      const uint64_t number = static_cast<uint64_t>(wide.high) << 32 | wide.low;
      Napi::Object value = Napi::Object::New(env);
      value.Set("name", text(wide.name));
      value.Set("value", btf_kflag(type) ? Napi::BigInt::New(env, static_cast<int64_t>(number)) : Napi::BigInt::New(env, number));
      values.Set(i, value);
    }
  result.Set("members", members);
  result.Set("values", values);
  return result;
}

Napi::Value functionNames(const Napi::CallbackInfo &info) {
  const btf *types = Types::get().kernel();
  Napi::Array names = Napi::Array::New(info.Env());
  for (uint32_t id = 1; id < btf__type_cnt(types); id++) {
    const btf_type *type = btf__type_by_id(types, id);
    if (btf_is_func(type)) names.Set(names.Length(), btf__name_by_offset(types, type->name_off));
  }
  return names;
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

Napi::Object kernelBtf(Napi::Env env) {
  Types::get();
  Napi::Object result = Napi::Object::New(env);
  result.Set("find", Napi::Function::New(env, findType, "find"));
  result.Set("type", Napi::Function::New(env, typeById, "type"));
  result.Set("functions", Napi::Function::New(env, functionNames, "functions"));
  return result;
}
