// Gives up privileges, for good, in every thread of the process.
#pragma once
#include <vector>

/**
 * Leaves each thread with those of `keep` that it has, as nobody where it was root, with an empty bounding set and without a way
 * to gain any by a program that it starts. @throws Failure
 */
void dropPrivileges(const std::vector<int> &keep);

/** Whether this kernel asks for CAP_BPF also of who reads a map that he holds (before 5.19, with unprivileged_bpf_disabled). */
bool readingNeedsBpf();
