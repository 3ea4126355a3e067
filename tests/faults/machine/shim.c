/* Lets calls to the system fail, below a process that knows nothing of it (LD_PRELOAD).

   FAULTS_CONTROL names a file of 64-bit numbers that each call looks at: an error number for each kind of
   call (0: none), the seconds by which the wall clock is wrong, and how many calls have failed. Behind them
   stands the folder below which files meet faults. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { READ, WRITE, SYNC, RENAME, CHANGE, THREAD, CLOCK, FAILED, SIZE };
#define BYTES 4096

static volatile int64_t *control;

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULTS_CONTROL");
  FILE *file = path ? fopen(path, "r+") : NULL;
  if (!file) return;
  void *found = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
  fclose(file);
  if (found != MAP_FAILED) control = found;
}

static int fail(int kind) {
  __atomic_fetch_add((int64_t *)&control[FAILED], 1, __ATOMIC_RELAXED);
  errno = (int)control[kind];
  return 1;
}

static int below(const char *path) {
  const char *folder = (const char *)&control[SIZE];
  size_t length = strlen(folder);
  return !strncmp(path, folder, length) && (path[length] == '/' || path[length] == 0);
}

static int path_fails(int kind, const char *path) {
  return control && control[kind] && path && below(path) && fail(kind);
}

static int file_fails(int kind, int file) {
  char link[32], path[PATH_MAX];
  if (!control || !control[kind]) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return below(path) && fail(kind);
}

#define OF_FILE(kind, type, name, parameters, arguments) \
  type name parameters { \
    REAL(name); \
    return file_fails(kind, file) ? -1 : real arguments; \
  }

OF_FILE(READ, ssize_t, read, (int file, void *to, size_t size), (file, to, size))
OF_FILE(READ, ssize_t, pread, (int file, void *to, size_t size, off_t at), (file, to, size, at))
OF_FILE(READ, ssize_t, pread64, (int file, void *to, size_t size, off64_t at), (file, to, size, at))
OF_FILE(WRITE, ssize_t, write, (int file, const void *from, size_t size), (file, from, size))
OF_FILE(WRITE, ssize_t, pwrite, (int file, const void *from, size_t size, off_t at), (file, from, size, at))
OF_FILE(WRITE, ssize_t, pwrite64, (int file, const void *from, size_t size, off64_t at),
        (file, from, size, at))
OF_FILE(WRITE, int, ftruncate, (int file, off_t size), (file, size))
OF_FILE(WRITE, int, ftruncate64, (int file, off64_t size), (file, size))
OF_FILE(SYNC, int, fsync, (int file), (file))
OF_FILE(SYNC, int, fdatasync, (int file), (file))

#define OF_PATH(kind, type, name, parameters, arguments) \
  type name parameters { \
    REAL(name); \
    return path_fails(kind, path) ? -1 : real arguments; \
  }

OF_PATH(CHANGE, int, unlink, (const char *path), (path))
OF_PATH(CHANGE, int, mkdir, (const char *path, mode_t mode), (path, mode))

int rename(const char *from, const char *to) {
  REAL(rename);
  return path_fails(RENAME, to) ? -1 : real(from, to);
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(name); \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
    va_end(more); \
    if (flags & (O_WRONLY | O_RDWR | O_CREAT) && path_fails(CHANGE, path)) return -1; \
    return real(path, flags, mode); \
  }

OPEN(open)
OPEN(open64)

int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*work)(void *), void *with) {
  REAL(pthread_create);
  return control && control[THREAD] && fail(THREAD) ? EAGAIN : real(thread, how, work, with);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  REAL(clock_gettime);
  int answer = real(clock, now);
  if (control && !answer && clock == CLOCK_REALTIME) now->tv_sec += control[CLOCK];
  return answer;
}

int gettimeofday(struct timeval *now, void *zone) {
  REAL(gettimeofday);
  int answer = real(now, zone);
  if (control && !answer) now->tv_sec += control[CLOCK];
  return answer;
}

time_t time(time_t *to) {
  REAL(time);
  time_t now = real(NULL) + (control ? (time_t)control[CLOCK] : 0);
  if (to) *to = now;
  return now;
}
