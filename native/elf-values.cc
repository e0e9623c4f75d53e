#include "elf-values.h"

namespace {

template <typename Items, typename Convert>
Napi::Array list(Napi::Env env, const Items &items, Convert convert) {
  Napi::Array result = Napi::Array::New(env, items.size());
  uint32_t i = 0;
  for (const auto &item : items) {
    const Napi::HandleScope scope(env);
    result.Set(i++, convert(item));
  }
  return result;
}

Napi::Value number(Napi::Env env, uint64_t value) { return Napi::Number::New(env, static_cast<double>(value)); }

}  // namespace

Napi::Value toValue(Napi::Env env, const ElfFile &file) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("machine", file.machine);
  result.Set("go", file.go);
  result.Set("exceptions", file.exceptions);
  result.Set("symtab", file.symtab);
  result.Set("buildId", file.buildId);
  result.Set("resolvers", list(env, file.resolvers, [&](const std::string &name) { return Napi::String::New(env, name); }));
  result.Set("functions", list(env, file.functions, [&](const ElfFunction &function) {
               Napi::Object entry = Napi::Object::New(env);
               entry.Set("name", function.name);
               entry.Set("offset", number(env, function.offset));
               entry.Set("size", number(env, function.size));
               entry.Set("firstByte", function.firstByte);
               entry.Set("global", function.global);
               return entry;
             }));
  return result;
}

Napi::Value toValue(Napi::Env env, const UsdtFile &file) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("machine", file.machine);
  result.Set("wide", file.wide);
  result.Set("fixed", file.fixed);
  result.Set("buildId", file.buildId);
  result.Set("sites", list(env, file.sites, [&](const UsdtSite &site) {
               Napi::Object entry = Napi::Object::New(env);
               entry.Set("provider", site.provider);
               entry.Set("name", site.name);
               entry.Set("arguments", site.arguments);
               entry.Set("address", number(env, site.address));
               entry.Set("offset", number(env, site.offset));
               entry.Set("semaphore", number(env, site.semaphore));
               return entry;
             }));
  Napi::Object symbols = Napi::Object::New(env);
  for (const auto &[name, addresses] : file.symbols)
    symbols.Set(name, list(env, addresses, [&](uint64_t address) { return number(env, address); }));
  result.Set("symbols", symbols);
  return result;
}
