// What needs the inside of map-shapes.cc, and a stand-in for Node.
#pragma once
#include <cstdint>
#include <vector>

/** All types of a BTF as shapes, and its globals. */
void fuzzTypes(const std::vector<uint8_t> &bytes);
/** An object as others may write it, described. @throws Failure */
void fuzzObject(const std::vector<uint8_t> &bytes);
