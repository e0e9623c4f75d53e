// Types of the running kernel and its modules, looked up one at a time.
#pragma once
#include <napi.h>

/** KernelBtf of contract.ts, over the kernel's types, which are loaded once and stay. @throws Failure */
Napi::Object kernelBtf(Napi::Env env);
/** So that who asks first does not wait for 6 MB to be read. On any thread; without types, nothing. */
void preloadKernelBtf();
