// Types: of a BPF object's globals and maps, whole; of the running kernel, one at a time.
#pragma once
#include <napi.h>

/** ObjectShape of contract.ts. @throws Failure */
Napi::Object describeObject(Napi::Env env, const std::string &path);

/** KernelBtf of contract.ts, over the kernel's types, which are loaded once and stay. @throws Failure */
Napi::Object kernelBtf(Napi::Env env);
