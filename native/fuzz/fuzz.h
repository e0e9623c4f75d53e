// What needs the inside of map-shapes.cc, and a stand-in for Node.
#pragma once
#include <cstdint>
#include <vector>

/** All types of a BTF as shapes, and its globals. */
void fuzzTypes(const std::vector<uint8_t> &bytes);
/** An object as others may write it, described. @throws Failure */
void fuzzObject(const std::vector<uint8_t> &bytes);
/** The two halves of it: what is done in a process apart, which it may end, and what is done in ours after that. */
void fuzzObjectApart(const std::vector<uint8_t> &bytes);
void fuzzObjectInside(const std::vector<uint8_t> &bytes);
