// TypeShapes of contract.ts, of the types in a BTF.
#pragma once
#include <bpf/btf.h>
#include <napi.h>

#include <cstdint>

/** A type is described wherever it is used: what is left bounds what a few nested ones could become. */
class Shaper {
 public:
  Shaper(Napi::Env env, const btf *types) : env_(env), types_(types) {}

  Napi::Object shape(int id, int depth = 0);

 private:
  static constexpr uint32_t kMostShapes = 100'000;  // types, members and enumerators of all maps and globals of an object

  bool isBig(int id) const;
  double sizeOf(int id) const;
  Napi::Object enumerators(const btf_type *type);
  Napi::Array members(const btf_type *type, int depth);

  Napi::Env env_;
  const btf *types_;
  uint32_t left_ = kMostShapes;
};
