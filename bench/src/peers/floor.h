/*
 * What every floor.c begins with. A floor is the work of a case by hand: it defines prepare(), run()
 * and the result. Extents and options of the case are constants, as they are for a program that is
 * compiled for them: x_0 is the first extent of the input x, IN(x) its elements.
 *
 * Built by clang for WebAssembly (no library: the host brings exp and log of single numbers), or by
 * gcc for this machine, with a main that takes requests from the standard input.
 */
typedef unsigned char byte;

#ifdef __wasm__
#define EXPORT __attribute__((visibility("default")))
typedef unsigned long size_t;
double exp(double);
double log(double);
double sin(double);
double cos(double);
double tanh(double);
double lgamma(double);
#define sqrt __builtin_sqrt
#define sqrtf __builtin_sqrtf
#define fabs __builtin_fabs
#define floor __builtin_floor
#define floorf __builtin_floorf
extern byte __heap_base;
static byte *free_from = &__heap_base;
#else
#define EXPORT
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#endif

#define memset __builtin_memset
#define memcpy __builtin_memcpy
#define INLINE static inline __attribute__((always_inline))

static void *input[32];
#define IN(name) (input[in_##name])

static void *reserve(size_t bytes) {
#ifdef __wasm__
  byte *start = (byte *)(((size_t)free_from + 63) & ~(size_t)63);
  free_from = start + bytes;
  size_t pages = ((size_t)free_from >> 16) + 1, have = __builtin_wasm_memory_size(0);
  if (pages > have) __builtin_wasm_memory_grow(0, pages - have);
  return start;
#else
  return aligned_alloc(64, (bytes + 63) & ~(size_t)63);
#endif
}

#define NEW(type, count) ((type *)reserve(sizeof(type) * (size_t)(count)))

/* Where the host puts input i. */
EXPORT void *give(int i, int bytes) { return input[i] = reserve(bytes); }

/* Where the result of a run lies, of how many numbers, of how many bytes each. */
static void *result;
static int results, result_width;
EXPORT void *output(void) { return result; }
EXPORT int outputs(void) { return results; }
EXPORT int width(void) { return result_width; }
#define RESULT(pointer, count) (result = (pointer), results = (count), result_width = sizeof *(pointer))

EXPORT void prepare(void);
EXPORT void run(void);

#ifndef __wasm__
static double now(int wall) {
  struct timespec t;
  clock_gettime(wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

/* main FILE BYTES...: inputs one after the other, padded to 8 bytes. "o" prints the result, "s MS WALL" times. */
int main(int count, char **words) {
  FILE *file = fopen(words[1], "rb");
  byte padding[8];
  for (int i = 2; file && i < count; i++) {
    int bytes = atoi(words[i]);
    if (fread(give(i - 2, bytes), 1, bytes, file) != (size_t)bytes) return 1;
    if (fread(padding, 1, -bytes & 7, file) != (size_t)(-bytes & 7)) return 1;
  }
  prepare();
  run();
  char command[80];
  double length;
  int wall;
  while (fgets(command, sizeof command, stdin)) {
    if (command[0] == 'o') {
      for (int i = 0; i < results; i++)
        printf("%.17g ", result_width == 8 ? ((double *)result)[i] : ((float *)result)[i]);
      printf("\n");
    } else if (sscanf(command, "s %lf %d", &length, &wall) == 2) {
      double from = now(wall), until = from;
      long runs = 0;
      do {
        run();
        runs++;
        until = now(wall);
      } while (until - from < length);
      printf("%ld %.9g\n", runs, until - from);
    }
    fflush(stdout);
  }
  return 0;
}
#endif
