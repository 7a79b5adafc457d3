#include "malloc_count.h"
#include <stddef.h>

static __thread uint64_t count;

uint64_t malloc_count(void) { return count; }

uintptr_t malloc_thread(void) { return (uintptr_t)&count; }

#if defined(__linux__) && defined(__GLIBC__)
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t number, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size) {
  count++;
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count++;
  return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
  count++;
  return __libc_realloc(memory, size);
}
#endif

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>

int instructions_are_counted(void) { return RUNNING_ON_VALGRIND != 0; }

void instructions_start(void) {
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
}

void instructions_stop(const char *name) {
  CALLGRIND_DUMP_STATS_AT(name);
  CALLGRIND_STOP_INSTRUMENTATION;
}
#else
int instructions_are_counted(void) { return 0; }
void instructions_start(void) {}
void instructions_stop(const char *name) { (void)name; }
#endif
