#include "floor.h"
#include "vector-math.h"

/*
 * With y = Q x - Q mu the distance of a point is |y|^2. Points go in blocks of 8, coordinate by
 * coordinate, so that a coefficient of Q serves 8 of them. Of each block only sum w y x' and sum w y are
 * kept for a component; from these the gradients in Q and mu follow once, after all points. Points that
 * fill no block are padded and given no weight.
 */

enum { K = mu_0, D = mu_1, N = x_0, B = 8, BLOCKS = (N + B - 1) / B, LOWER = D * (D - 1) / 2 };
enum { ALPHA = 0, MU = K, DIAGONAL = MU + K * D, BELOW = DIAGONAL + K * D, ALL = BELOW + K * LOWER };

static double *points, *factor, *center, *moment, *first;
static double gradient[ALL], y[K][D][B], term[K][B];

EXPORT void prepare(void) {
  const double *x = IN(x);
  points = NEW(double, BLOCKS *D *B);
  for (int block = 0; block < BLOCKS; block++)
    for (int j = 0; j < D; j++)
      for (int r = 0; r < B; r++) {
        int i = block * B + r;
        points[(block * D + j) * B + r] = i < N ? x[i * D + j] : 0;
      }
  factor = NEW(double, K *D *D);
  center = NEW(double, K *D);
  moment = NEW(double, 2 * K * D * D);
  first = NEW(double, 2 * K * D);
  RESULT(gradient, ALL);
}

EXPORT void run(void) {
  const double *alpha = IN(alpha), *mu = IN(mu), *q = IN(q), *l = IN(l);
  const double m_value = *(double *)IN(m), gamma_value = *(double *)IN(gamma);
  double offset[K];
  for (int k = 0; k < K; k++) {
    double *Q = factor + k * D * D;
    int next = k * LOWER;
    offset[k] = alpha[k];
    for (int j = 0; j < D; j++) {
      Q[j * D + j] = exp(q[k * D + j]);
      offset[k] += q[k * D + j];
      for (int i = j + 1; i < D; i++) Q[i * D + j] = l[next++];
    }
    for (int i = 0; i < D; i++) {
      double sum = 0;
      for (int j = 0; j <= i; j++) sum += Q[i * D + j] * mu[k * D + j];
      center[k * D + i] = sum;
    }
  }
  memset(moment, 0, sizeof(double) * 2 * K * D * D);
  memset(first, 0, sizeof(double) * 2 * K * D);
  memset(gradient, 0, sizeof gradient);

  for (int block = 0; block < BLOCKS; block++) {
    const double *x = points + block * D * B;
    double largest[B], total[B];
    for (int k = 0; k < K; k++) {
      const double *Q = factor + k * D * D;
      v2 square[B / 2];
      for (int r = 0; r < B / 2; r++) square[r] = both(0);
      for (int i = 0; i < D; i++) {
        v2 sum[B / 2];
        for (int r = 0; r < B / 2; r++) sum[r] = both(-center[k * D + i]);
        for (int j = 0; j <= i; j++) {
          v2 coefficient = both(Q[i * D + j]);
          for (int r = 0; r < B / 2; r++) sum[r] += coefficient * load2(x + j * B + 2 * r);
        }
        for (int r = 0; r < B / 2; r++) {
          store2(&y[k][i][2 * r], sum[r]);
          square[r] += sum[r] * sum[r];
        }
      }
      for (int r = 0; r < B / 2; r++) store2(&term[k][2 * r], offset[k] - 0.5 * square[r]);
    }
    for (int r = 0; r < B; r++) {
      largest[r] = term[0][r], total[r] = 0;
      for (int k = 1; k < K; k++) largest[r] = term[k][r] > largest[r] ? term[k][r] : largest[r];
    }
    for (int k = 0; k < K; k++)
      for (int r = 0; r < B; r += 2) {
        v2 e = exp_d(load2(&term[k][r]) - load2(largest + r));
        store2(&term[k][r], e);
        store2(total + r, load2(total + r) + e);
      }
    for (int r = 0; r < B; r++) total[r] = block * B + r < N ? 1 / total[r] : 0;
    for (int k = 0; k < K; k++) {
      v2 w[B / 2], sum = both(0);
      for (int r = 0; r < B / 2; r++) sum += w[r] = load2(&term[k][2 * r]) * load2(total + 2 * r);
      double share = sum[0] + sum[1];
      gradient[ALPHA + k] += share;
      if (share < 1e-300) continue;
      for (int i = 0; i < D; i++) {
        v2 wy[B / 2], s = both(0);
        for (int r = 0; r < B / 2; r++) s += wy[r] = w[r] * load2(&y[k][i][2 * r]);
        double *row = moment + 2 * (k * D + i) * D, *one = first + 2 * (k * D + i);
        store2(one, load2(one) + s);
        for (int j = 0; j <= i; j++) {
          v2 t = load2(row + 2 * j);
          for (int r = 0; r < B / 2; r++) t += wy[r] * load2(x + j * B + 2 * r);
          store2(row + 2 * j, t);
        }
      }
    }
  }

  double greatest = alpha[0], sum = 0;
  for (int k = 1; k < K; k++) greatest = alpha[k] > greatest ? alpha[k] : greatest;
  for (int k = 0; k < K; k++) sum += exp(alpha[k] - greatest);
  for (int k = 0; k < K; k++) {
    const double *Q = factor + k * D * D, *center_of = mu + k * D;
    double share = gradient[ALPHA + k], wy[D], precision = gamma_value * gamma_value;
    gradient[ALPHA + k] -= N * exp(alpha[k] - greatest) / sum;
    for (int i = 0; i < D; i++) wy[i] = first[2 * (k * D + i)] + first[2 * (k * D + i) + 1];
    for (int i = 0; i < D; i++)
      for (int j = 0; j <= i; j++) gradient[MU + k * D + j] += Q[i * D + j] * wy[i];
    int next = k * LOWER;
    for (int j = 0; j < D; j++)
      for (int i = j; i < D; i++) {
        const double *pair = moment + 2 * ((k * D + i) * D + j);
        double slope = -(pair[0] + pair[1] - wy[i] * center_of[j]) - precision * Q[i * D + j];
        if (i > j) gradient[BELOW + next++] = slope;
        else gradient[DIAGONAL + k * D + i] = slope * Q[i * D + i] + share + m_value;
      }
  }
}
