// How many CPUs the kernel may ever have: so many copies each value of a per-CPU map is read as, and so many may have an event.
#pragma once

/** @throws Failure where the kernel's word on it cannot be read: without it a value has no known size */
unsigned possibleCpus();
