// What was read of an ELF file as JavaScript values: ElfFile and UsdtFile of src/native/contract.ts.
#pragma once
#include <napi.h>

#include "elf.h"
#include "usdt.h"

Napi::Value toValue(Napi::Env env, const ElfFile &file);
Napi::Value toValue(Napi::Env env, const UsdtFile &file);
