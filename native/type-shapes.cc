#include "type-shapes.h"

#include <string>

#include "btf-kinds.h"

namespace {

constexpr int kDeepest = 32;  // a damaged BTF may be circular

}  // namespace

Napi::Object Shaper::shape(int id, int depth) {
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

/** __be16 and the like are typedefs of plain integers. */
bool Shaper::isBig(int id) const {
  const btf_type *type = btf__type_by_id(types_, id);
  for (int depth = 0; type != nullptr && depth < kDeepest && (btf_is_mod(type) || btf_is_typedef(type)); depth++) {
    if (btf_is_typedef(type) && nameAt(types_, type->name_off).rfind("__be", 0) == 0) return true;
    type = btf__type_by_id(types_, type->type);
  }
  return false;
}

double Shaper::sizeOf(int id) const {
  const int64_t size = btf__resolve_size(types_, id);
  return size < 0 ? 0 : static_cast<double>(size);
}

Napi::Object Shaper::enumerators(const btf_type *type) {
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

Napi::Array Shaper::members(const btf_type *type, int depth) {
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
