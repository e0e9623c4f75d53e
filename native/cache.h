// Values by their keys, the last used ones first; whoever keeps it decides when the last is dropped.
#pragma once
#include <list>
#include <map>
#include <utility>

template <typename Key, typename Value>
struct Cache {
  std::list<std::pair<Key, Value>> used;  // the last used first
  std::map<Key, typename std::list<std::pair<Key, Value>>::iterator> byKey;

  Value *find(const Key &key) {
    const auto found = byKey.find(key);
    if (found == byKey.end()) return nullptr;
    used.splice(used.begin(), used, found->second);
    return &found->second->second;
  }
  Value *add(const Key &key, Value value) {
    used.emplace_front(key, std::move(value));
    byKey[key] = used.begin();
    return &used.front().second;
  }
  void dropLast() {
    byKey.erase(used.back().first);
    used.pop_back();
  }
  void drop(const Key &key) {
    used.erase(byKey[key]);
    byKey.erase(key);
  }
};
