// What the maps and globals of a BPF object hold, and the maps that are loaded: their types, whole.
#pragma once
#include <bpf/libbpf.h>
#include <napi.h>

/** ObjectShape of contract.ts. */
Napi::Object describeObject(Napi::Env env, bpf_object *object);

/** LoadedMap of contract.ts, with its types where it has any. @throws Failure */
Napi::Object describeMap(Napi::Env env, uint32_t id);

/** All maps of the machine, as LoadedMaps without types. @throws Failure */
Napi::Array loadedMaps(Napi::Env env);

/** Id of a pinned map. @throws Failure; EMEDIUMTYPE where something else is pinned there */
uint32_t pinnedMap(const std::string &path);

/** MapShape of the records of programs.h. */
Napi::Object programsShape(Napi::Env env);
