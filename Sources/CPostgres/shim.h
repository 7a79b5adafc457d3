#include <libpq-fe.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/epoll.h>
#include <sys/eventfd.h>
/* glibc shows it under _GNU_SOURCE alone, which a module cannot ask for. */
extern int ppoll(
  struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
#endif
