#include "btf.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <cerrno>

#include "errors.h"

namespace {

constexpr int kDeepest = 32;  // a damaged BTF may be circular

const char *const kindNames[] = {"void", "int", "ptr", "array", "struct", "union", "enum", "fwd", "typedef", "volatile",
                                 "const", "restrict", "func", "func_proto", "var", "datasec", "float", "decl_tag", "type_tag", "enum64"};
constexpr uint32_t kKinds = sizeof kindNames / sizeof *kindNames;
constexpr uint32_t kEnum64 = 19;

Napi::Object shapeOf(Napi::Env env, const btf *types, int id, int depth) {
  Napi::Object shape = Napi::Object::New(env);
  id = btf__resolve_type(types, id);
  const btf_type *type = id < 0 || depth > kDeepest ? nullptr : btf__type_by_id(types, id);
  const auto name = [&] { return Napi::String::New(env, btf__name_by_offset(types, type->name_off)); };
  const auto set = [&](const char *key, auto value) { shape.Set(key, value); };
  if (type == nullptr) {
    set("kind", "other"), set("name", "void"), set("size", 0);
  } else if (btf_is_int(type)) {
    set("kind", "int"), set("size", type->size), set("signed", (btf_int_encoding(type) & BTF_INT_SIGNED) != 0);
  } else if (btf_is_enum(type)) {
    Napi::Object values = Napi::Object::New(env);
    for (int i = 0; i < btf_vlen(type); i++) values.Set(btf__name_by_offset(types, btf_enum(type)[i].name_off), btf_enum(type)[i].val);
    set("kind", "enum"), set("name", name()), set("size", type->size), set("signed", btf_kflag(type)), set("values", values);
  } else if (btf_is_array(type)) {
    const struct btf_array *array = btf_array(type);
    set("kind", "array"), set("size", static_cast<double>(btf__resolve_size(types, id))), set("length", array->nelems);
    set("element", shapeOf(env, types, array->type, depth + 1));
  } else if (btf_is_composite(type)) {
    Napi::Array members = Napi::Array::New(env);
    for (int i = 0; i < btf_vlen(type); i++) {
      const struct btf_member &member = btf_members(type)[i];
      Napi::Object entry = Napi::Object::New(env);
      entry.Set("name", btf__name_by_offset(types, member.name_off));
      entry.Set("bitOffset", btf_member_bit_offset(type, i));
      entry.Set("type", shapeOf(env, types, member.type, depth + 1));
      members.Set(i, entry);
    }
    set("kind", btf_is_union(type) ? "union" : "struct"), set("name", name()), set("size", type->size), set("members", members);
  } else {
    const int64_t size = btf__resolve_size(types, id);
    set("kind", "other"), set("name", name()), set("size", static_cast<double>(size < 0 ? 0 : size));
  }
  return shape;
}

Napi::Array globalsOf(Napi::Env env, const btf *types) {
  Napi::Array globals = Napi::Array::New(env);
  for (uint32_t id = 1; types != nullptr && id < btf__type_cnt(types); id++) {
    const btf_type *section = btf__type_by_id(types, id);
    const std::string name = btf__name_by_offset(types, section->name_off);
    if (!btf_is_datasec(section) || name == ".maps" || name == "license") continue;
    for (int i = 0; i < btf_vlen(section); i++) {
      const struct btf_var_secinfo &info = btf_var_secinfos(section)[i];
      const btf_type *variable = btf__type_by_id(types, info.type);
      Napi::Object global = Napi::Object::New(env);
      global.Set("name", btf__name_by_offset(types, variable->name_off));
      global.Set("section", name);
      global.Set("size", info.size);
      global.Set("type", shapeOf(env, types, variable->type, 0));
      globals.Set(globals.Length(), global);
    }
  }
  return globals;
}

btf *kernelTypes() {
  static btf *types = nullptr;  // 6 MB, of the kernel that runs: the same as long as this process lives
  if (types != nullptr) return types;
  const LibbpfLog log;
  btf *loaded = btf__load_vmlinux_btf();
  if (libbpf_get_error(loaded) != 0 || loaded == nullptr) throw Failure("read btf", "vmlinux", loaded == nullptr ? errno : -libbpf_get_error(loaded), log.text());
  return types = loaded;
}

Napi::Value findType(const Napi::CallbackInfo &info) {
  const std::string kind = info[0].As<Napi::String>().Utf8Value(), name = info[1].As<Napi::String>().Utf8Value();
  for (uint32_t k = 0; k < kKinds; k++) {
    if (kind != kindNames[k]) continue;
    const int id = btf__find_by_name_kind(kernelTypes(), name.c_str(), k);
    return Napi::Number::New(info.Env(), id < 0 ? 0 : id);
  }
  return Napi::Number::New(info.Env(), 0);
}

Napi::Value typeById(const Napi::CallbackInfo &info) {
  const Napi::Env env = info.Env();
  const btf *types = kernelTypes();
  const btf_type *type = btf__type_by_id(types, info[0].As<Napi::Number>().Uint32Value());
  Napi::Object result = Napi::Object::New(env);
  const uint32_t kind = type == nullptr ? 0 : btf_kind(type);
  const auto text = [&](uint32_t offset) { const char *name = btf__name_by_offset(types, offset); return name == nullptr ? "" : name; };
  const bool sized = kind == BTF_KIND_INT || kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION || kind == BTF_KIND_ENUM || kind == kEnum64 || kind == BTF_KIND_DATASEC || kind == BTF_KIND_FLOAT;
  result.Set("kind", kind < kKinds ? kindNames[kind] : "void");
  result.Set("name", type == nullptr ? "" : text(type->name_off));
  result.Set("size", type != nullptr && sized ? type->size : 0);
  result.Set("type", type == nullptr || sized ? 0 : kind == BTF_KIND_ARRAY ? btf_array(type)->type : type->type);
  result.Set("signed", kind == BTF_KIND_INT ? (btf_int_encoding(type) & BTF_INT_SIGNED) != 0 : (kind == BTF_KIND_ENUM || kind == kEnum64) && btf_kflag(type));
  result.Set("char", kind == BTF_KIND_INT && (btf_int_encoding(type) & BTF_INT_CHAR) != 0);
  result.Set("length", kind == BTF_KIND_ARRAY ? btf_array(type)->nelems : 0);
  Napi::Array members = Napi::Array::New(env), values = Napi::Array::New(env);
  const auto add = [&](uint32_t i, uint32_t name, uint32_t of, uint32_t offset, uint32_t size) {
    Napi::Object member = Napi::Object::New(env);
    member.Set("name", text(name)), member.Set("type", of), member.Set("bitOffset", offset), member.Set("bitSize", size);
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
      value.Set("name", text(btf_enum(type)[i].name_off)), value.Set("value", btf_enum(type)[i].val);
      values.Set(i, value);
    }
  result.Set("members", members);
  result.Set("values", values);
  return result;
}

Napi::Value functionNames(const Napi::CallbackInfo &info) {
  const btf *types = kernelTypes();
  Napi::Array names = Napi::Array::New(info.Env());
  for (uint32_t id = 1; id < btf__type_cnt(types); id++) {
    const btf_type *type = btf__type_by_id(types, id);
    if (btf_is_func(type)) names.Set(names.Length(), btf__name_by_offset(types, type->name_off));
  }
  return names;
}

}  // namespace

Napi::Object describeObject(Napi::Env env, const std::string &path) {
  const LibbpfLog log;
  bpf_object *object = bpf_object__open_file(path.c_str(), nullptr);
  if (libbpf_get_error(object) != 0) throw Failure("open object", path, -libbpf_get_error(object), log.text());
  const btf *types = bpf_object__btf(object);
  Napi::Array maps = Napi::Array::New(env);
  bpf_map *map;
  bpf_object__for_each_map(map, object) {
    if (bpf_map__is_internal(map)) continue;
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("name", bpf_map__name(map));
    entry.Set("type", static_cast<uint32_t>(bpf_map__type(map)));
    entry.Set("keySize", bpf_map__key_size(map));
    entry.Set("valueSize", bpf_map__value_size(map));
    entry.Set("maxEntries", bpf_map__max_entries(map));
    if (types != nullptr && bpf_map__btf_key_type_id(map) != 0) entry.Set("key", shapeOf(env, types, bpf_map__btf_key_type_id(map), 0));
    if (types != nullptr && bpf_map__btf_value_type_id(map) != 0) entry.Set("value", shapeOf(env, types, bpf_map__btf_value_type_id(map), 0));
    maps.Set(maps.Length(), entry);
  }
  Napi::Object shape = Napi::Object::New(env);
  shape.Set("globals", globalsOf(env, types));
  shape.Set("maps", maps);
  bpf_object__close(object);
  return shape;
}

Napi::Object kernelBtf(Napi::Env env) {
  kernelTypes();
  Napi::Object result = Napi::Object::New(env);
  result.Set("find", Napi::Function::New(env, findType, "find"));
  result.Set("type", Napi::Function::New(env, typeById, "type"));
  result.Set("functions", Napi::Function::New(env, functionNames, "functions"));
  return result;
}
