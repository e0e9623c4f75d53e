// The maps that are loaded, whoever loaded them.
#pragma once
#include <napi.h>

#include <string>

/** LoadedMap of contract.ts, with its types where it has any. @throws Failure */
Napi::Object describeMap(Napi::Env env, uint32_t id);

/** All maps of the machine, as LoadedMaps without types. @throws Failure */
Napi::Array loadedMaps(Napi::Env env);

/** Id of a pinned map. @throws Failure; EMEDIUMTYPE where something else is pinned there */
uint32_t pinnedMap(const std::string &path);
