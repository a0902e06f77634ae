#include "floor.h"
#include "vector-math.h"

#ifdef precision_float64
typedef double number;
typedef v2 lanes;
#define LANES 2
#define load load2
#define store store2
#define NAMED(f) f##_d
#define C(a) (a)
#else
typedef float number;
typedef v4 lanes;
#define LANES 4
#define load load4
#define store store4
#define NAMED(f) f##_f
#define C(a) ((float)(a))
#endif

static number *z;

EXPORT void prepare(void) {
  z = NEW(number, x_0);
  RESULT(z, x_0);
}

INLINE lanes each(lanes x, lanes y) {
#if defined chain_arithmetic
  return (x * y + x) * (y - C(0.5)) + x * x;
#elif defined chain_exp
  return NAMED(exp)(-x * x) * y;
#elif defined chain_log
  return NAMED(log)(C(1.5) + x) * y;
#elif defined chain_sin
  return NAMED(sin)(C(3) * x) + y;
#elif defined chain_tanh
  return NAMED(tanh)(x + y);
#else
  return NAMED(tanh)(NAMED(sin)(x) * NAMED(log)(C(1.5) + NAMED(exp)(y)));
#endif
}

EXPORT void run(void) {
  const number *x = IN(x), *y = IN(y);
  for (int i = 0; i < x_0; i += LANES) store(z + i, each(load(x + i), load(y + i)));
}
