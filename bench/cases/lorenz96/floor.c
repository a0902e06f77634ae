#include "floor.h"

/* The cost of a trajectory of Lorenz-96 and its adjoint by hand: states are stored, stages recomputed. */

enum { N = x_0, STEPS = observed_0 };

static double path[STEPS + 1][N], gradient[N + 1];

/* d_i = (x_{i+1} - x_{i-2}) x_{i-1} - x_i + forcing, on a copy that goes round the circle */
INLINE void tendency(const double *restrict x, double *restrict d) {
  double ring[N + 3];
  ring[0] = x[N - 2], ring[1] = x[N - 1], ring[N + 2] = x[0];
  for (int i = 0; i < N; i++) ring[i + 2] = x[i];
  for (int i = 0; i < N; i++) d[i] = (ring[i + 3] - ring[i]) * ring[i + 1] - ring[i + 2] + forcing;
}

/* a = J(x)' b. Each element gathers what four elements of b send it. */
INLINE void adjoint(const double *restrict x, const double *restrict b, double *restrict a) {
  double xs[N + 4], bs[N + 4]; /* element i stands at i + 2 */
  xs[0] = x[N - 2], xs[1] = x[N - 1], xs[N + 2] = x[0], xs[N + 3] = x[1];
  bs[0] = b[N - 2], bs[1] = b[N - 1], bs[N + 2] = b[0], bs[N + 3] = b[1];
  for (int i = 0; i < N; i++) xs[i + 2] = x[i], bs[i + 2] = b[i];
  for (int i = 0; i < N; i++)
    a[i] = bs[i + 1] * xs[i] - bs[i + 4] * xs[i + 3] + bs[i + 3] * (xs[i + 4] - xs[i + 1]) - bs[i + 2];
}

struct stages {
  double k[4][N], y[3][N];
};

INLINE void stages(const double *restrict x, struct stages *restrict s) {
  tendency(x, s->k[0]);
  for (int i = 0; i < N; i++) s->y[0][i] = x[i] + dt / 2 * s->k[0][i];
  tendency(s->y[0], s->k[1]);
  for (int i = 0; i < N; i++) s->y[1][i] = x[i] + dt / 2 * s->k[1][i];
  tendency(s->y[1], s->k[2]);
  for (int i = 0; i < N; i++) s->y[2][i] = x[i] + dt * s->k[2][i];
}

EXPORT void prepare(void) { RESULT(gradient, N + 1); }

EXPORT void run(void) {
  const double *seen = IN(observed);
  struct stages s;
  double cost = 0, costate[N] = {0};
  memcpy(path[0], IN(x), sizeof path[0]);
  for (int t = 0; t < STEPS; t++) {
    const double *x = path[t];
    stages(x, &s);
    tendency(s.y[2], s.k[3]);
    for (int i = 0; i < N; i++) {
      double next = x[i] + dt / 6 * (s.k[0][i] + 2 * s.k[1][i] + 2 * s.k[2][i] + s.k[3][i]);
      double error = next - seen[t * N + i];
      path[t + 1][i] = next;
      cost += error * error;
    }
  }
  for (int t = STEPS - 1; t >= 0; t--) {
    const double *x = path[t];
    double in[N], out[4][N];
    for (int i = 0; i < N; i++) costate[i] += 2 * (path[t + 1][i] - seen[t * N + i]);
    stages(x, &s);
    for (int i = 0; i < N; i++) in[i] = dt / 6 * costate[i];
    adjoint(s.y[2], in, out[3]);
    for (int i = 0; i < N; i++) in[i] = dt / 3 * costate[i] + dt * out[3][i];
    adjoint(s.y[1], in, out[2]);
    for (int i = 0; i < N; i++) in[i] = dt / 3 * costate[i] + dt / 2 * out[2][i];
    adjoint(s.y[0], in, out[1]);
    for (int i = 0; i < N; i++) in[i] = dt / 6 * costate[i] + dt / 2 * out[1][i];
    adjoint(x, in, out[0]);
    for (int i = 0; i < N; i++) costate[i] += out[0][i] + out[1][i] + out[2][i] + out[3][i];
  }
  gradient[0] = cost;
  memcpy(gradient + 1, costate, sizeof costate);
}
