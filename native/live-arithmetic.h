// What BPF's instructions compute of numbers that are known.
#pragma once
#include <cstdint>
#include <optional>

/** @param operation BPF_ADD and its like; nullopt: not known, as where it is divided */
std::optional<uint64_t> computed(uint8_t operation, uint64_t a, uint64_t b, bool wide);

/** @param operation BPF_JEQ and its like; nullopt: not known */
std::optional<bool> holds(uint8_t operation, uint64_t a, uint64_t b, bool wide);
