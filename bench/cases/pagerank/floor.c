#include "floor.h"

/*
 * p = alpha (P' p + the share of the nodes without links) + (1 - alpha) / n by repetition, then the
 * costate l = e + alpha P l of the first score. What is the same in all of l drops out of the gradient
 * alpha p_i / W_i (l_j - sum_k P_ik l_k), so only differences must converge. Edges are sorted by where
 * they come from, once.
 */

enum { EDGES = weights_0 };
static int *begin, *target, *place;
static double *total, *score, *next, *costate, *along, *gradient, *weight;

EXPORT void prepare(void) {
  const int *from = IN(from), *to = IN(to);
  begin = NEW(int, nodes + 2), target = NEW(int, EDGES), place = NEW(int, EDGES);
  total = NEW(double, nodes), score = NEW(double, nodes), next = NEW(double, nodes);
  costate = NEW(double, nodes), along = NEW(double, nodes);
  gradient = NEW(double, EDGES), weight = NEW(double, EDGES);
  memset(begin, 0, sizeof(int) * (nodes + 2));
  for (int e = 0; e < EDGES; e++) begin[from[e] + 2]++;
  for (int i = 2; i < nodes + 2; i++) begin[i] += begin[i - 1];
  for (int e = 0; e < EDGES; e++) {
    int at = begin[from[e] + 1]++;
    target[at] = to[e], place[at] = e;
  }
  RESULT(gradient, EDGES);
}

EXPORT void run(void) {
  const double *given = IN(weights);
  for (int i = 0; i < nodes; i++) {
    double sum = 0;
    for (int e = begin[i]; e < begin[i + 1]; e++) sum += given[place[e]];
    total[i] = sum;
    for (int e = begin[i]; e < begin[i + 1]; e++) weight[e] = given[place[e]] / sum;
    score[i] = 1.0 / nodes;
  }
  for (double change = 1; change > 1e-12;) {
    double lost = 0;
    memset(next, 0, sizeof(double) * nodes);
    for (int i = 0; i < nodes; i++) {
      if (total[i] == 0) lost += score[i];
      for (int e = begin[i]; e < begin[i + 1]; e++) next[target[e]] += weight[e] * score[i];
    }
    change = 0;
    for (int i = 0; i < nodes; i++) {
      double now = alpha * (next[i] + lost / nodes) + (1 - alpha) / nodes;
      change += fabs(now - score[i]);
      score[i] = now;
    }
  }
  memset(costate, 0, sizeof(double) * nodes);
  for (double change = 1; change > 1e-13;) {
    double mean = 0, all = 0;
    for (int i = 0; i < nodes; i++) all += costate[i];
    for (int i = 0; i < nodes; i++) {
      double sum = 0;
      for (int e = begin[i]; e < begin[i + 1]; e++) sum += weight[e] * costate[target[e]];
      along[i] = total[i] == 0 ? all / nodes : sum;
      next[i] = alpha * along[i] + (i == 0);
      mean += next[i] / nodes;
    }
    change = 0;
    for (int i = 0; i < nodes; i++) {
      double now = next[i] - mean, off = fabs(now - costate[i]);
      change = off > change ? off : change;
      costate[i] = now;
    }
  }
  for (int i = 0; i < nodes; i++) {
    double sum = 0;
    for (int e = begin[i]; e < begin[i + 1]; e++) sum += weight[e] * costate[target[e]];
    for (int e = begin[i]; e < begin[i + 1]; e++)
      gradient[place[e]] = alpha * score[i] / total[i] * (costate[target[e]] - sum);
  }
}
