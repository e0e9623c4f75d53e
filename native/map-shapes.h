// What the maps, globals and programs of a BPF object are: their types, whole.
#pragma once
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <napi.h>

#include "type-shapes.h"

/** ObjectShape of contract.ts. */
Napi::Object describeObject(Napi::Env env, bpf_object *object);

/** MapShape of contract.ts. @param shaper null: nothing is known of its types */
Napi::Object mapShape(Napi::Env env, Shaper *shaper, const char *name, const bpf_map_info &info);

/** MapShape of the records of programs.h. */
Napi::Object programsShape(Napi::Env env);
