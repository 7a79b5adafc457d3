// Counts this thread's allocations. The executable's own malloc stands before the C library's, which
// it calls, so that the counts include what the drivers and the Swift runtime allocate.
#pragma once
#include <stdint.h>

/// Allocations that the calling thread has made so far.
uint64_t malloc_count(void);

/// Tells the calling thread from others.
uintptr_t malloc_thread(void);

/// True under valgrind's callgrind.
int instructions_are_counted(void);
/// Begins to count instructions from zero.
void instructions_start(void);
/// Writes the count under a name into callgrind's output and stops.
void instructions_stop(const char *name);
