// How a map that others laid out is read. Plain values: TypeScript decides them.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

/** A part of a foreign key or value: an integer of any width, which becomes an 8-byte word, or a text. */
struct Part {
  bool text = false;
  uint32_t bitOffset = 0, bits = 0;
  bool isSigned = false;
  /** Of several CPUs or entries the greatest is taken; else they are added. */
  bool maximum = false;
};

/**
 * How entries of a map that others laid out become the records that TypeScript decodes. Key: its parts, one after the
 * other. Value: the words, then the slots of a bucket in the key, then the labels. Texts are cut at their NUL, and padded to 8.
 */
struct Reading {
  std::vector<Part> key, words, labels;
  /** The key has a bucket: entries that differ in it alone are one record with so many slots, which count `words[0]`. */
  std::optional<Part> bucket;
  uint32_t slots = 0;
  /** Words from `firstSlot` on (or the bucket's) are a histogram, and its sum stands in front of all words. */
  bool sumSlots = false;
  uint32_t firstSlot = 0;
  /** Several entries may become one record. */
  bool grouped = false;
  /** Leave out entries whose value is zero: those of arrays. */
  bool skipZero = false;
  /** Values may also fall: a lower one is no counter that began anew. */
  bool gauges = false;
};
