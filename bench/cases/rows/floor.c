#include "floor.h"

/* Row by row: the two products of vectors first, then everything else in one go. */

enum { ROWS = a_0, WIDTH = a_1 };
static double *out;

EXPORT void prepare(void) {
#ifdef of_gradient
  out = NEW(double, 2 * ROWS * WIDTH);
  RESULT(out, 2 * ROWS * WIDTH);
#else
  out = NEW(double, ROWS *WIDTH);
  RESULT(out, ROWS * WIDTH);
#endif
}

EXPORT void run(void) {
  for (int r = 0; r < ROWS; r++) {
    const double *restrict a = (double *)IN(a) + r * WIDTH, *restrict b = (double *)IN(b) + r * WIDTH;
    double *restrict y = out + r * WIDTH;
    double ab = 0, aa = 1;
    for (int i = 0; i < WIDTH; i++) ab += a[i] * b[i], aa += a[i] * a[i];
    double inverse = 1 / sqrt(aa), share = ab * inverse;
#ifdef of_gradient
    /* With y = share a + b and s = 2 y: share = ab aa^-1/2 gets s.a. */
    double *restrict to_b = out + (ROWS + r) * WIDTH, sa = 2 * (share * (aa - 1) + ab);
    double by_ab = sa * inverse, by_aa = -sa * share / aa;
    for (int i = 0; i < WIDTH; i++) {
      double s = 2 * (share * a[i] + b[i]);
      y[i] = share * s + by_ab * b[i] + by_aa * a[i];
      to_b[i] = s + by_ab * a[i];
    }
#else
    for (int i = 0; i < WIDTH; i++) y[i] = share * a[i] + b[i];
#endif
  }
}
