#include "floor.h"
#include "vector-math.h"

/*
 * Forward, keeping the values of the gates; then backward over them. Rows are padded to pairs of lanes
 * with zeros, whose gradients are thrown away. Parameters and their gradients stay in the first cache.
 */

enum {
  WIDTH = extra_params_1,
  ROW = (WIDTH + 1) & ~1,
  LAYERS = main_params_0 / 2,
  STEPS = sequence_0 - 1,
  PARAMETERS = 8 * LAYERS * WIDTH + 3 * WIDTH
};

/* What one layer keeps of one step. */
struct kept {
  double forget[ROW], enter[ROW], leave[ROW], change[ROW], tanh_cell[ROW], cell[ROW], last[ROW], x[ROW];
};
struct end {
  double top[ROW], slope[ROW];
};

static struct kept *kept;
static struct end *end;
static double weight[LAYERS][8][ROW], weight_slope[LAYERS][8][ROW], tip[3][ROW], tip_slope[3][ROW];
static double gradient[PARAMETERS];

EXPORT void prepare(void) {
  kept = NEW(struct kept, STEPS * LAYERS);
  end = NEW(struct end, STEPS);
  RESULT(gradient, PARAMETERS);
}

INLINE void row(double *padded, const double *from) {
  for (int i = 0; i < WIDTH; i++) padded[i] = from[i];
  for (int i = WIDTH; i < ROW; i++) padded[i] = 0;
}

INLINE void accumulate(double *sum, v2 term) { store2(sum, load2(sum) + term); }

EXPORT void run(void) {
  const double *main_parameters = IN(main_params), *tips = IN(extra_params), *start = IN(state), *text = IN(sequence);
  double last[LAYERS][ROW], cell[LAYERS][ROW], x[ROW];
  for (int k = 0; k < LAYERS; k++) {
    for (int g = 0; g < 8; g++) row(weight[k][g], main_parameters + (8 * k + g) * WIDTH);
    row(last[k], start + 2 * k * WIDTH);
    row(cell[k], start + (2 * k + 1) * WIDTH);
  }
  for (int g = 0; g < 3; g++) row(tip[g], tips + g * WIDTH);

  const double scale = -1.0 / ((double)STEPS * WIDTH);
  struct kept *tape = kept;
  for (int t = 0; t < STEPS; t++) {
    row(x, text + t * WIDTH);
    for (int i = 0; i < ROW; i += 2) store2(x + i, load2(x + i) * load2(tip[0] + i));
    for (int k = 0; k < LAYERS; k++, tape++) {
      double(*w)[ROW] = weight[k];
      for (int i = 0; i < ROW; i += 2) {
        v2 in = load2(x + i), before = load2(last[k] + i), old = load2(cell[k] + i);
        v2 forget = sigmoid_d(in * load2(w[0] + i) + load2(w[4] + i));
        v2 enter = sigmoid_d(before * load2(w[1] + i) + load2(w[5] + i));
        v2 leave = sigmoid_d(in * load2(w[2] + i) + load2(w[6] + i));
        v2 change = gate_tanh_d(before * load2(w[3] + i) + load2(w[7] + i));
        v2 new = old * forget + enter * change, squashed = gate_tanh_d(new), out = leave * squashed;
        store2(tape->forget + i, forget), store2(tape->enter + i, enter), store2(tape->leave + i, leave);
        store2(tape->change + i, change), store2(tape->tanh_cell + i, squashed), store2(tape->cell + i, old);
        store2(tape->last + i, before), store2(tape->x + i, in);
        store2(cell[k] + i, new), store2(last[k] + i, out), store2(x + i, out);
      }
    }
    double exponential[ROW], sum = 2, target = 0;
    const double *next = text + (t + 1) * WIDTH;
    for (int i = 0; i < ROW; i += 2) store2(exponential + i, exp_d(load2(x + i) * load2(tip[1] + i) + load2(tip[2] + i)));
    for (int i = 0; i < WIDTH; i++) sum += exponential[i], target += next[i];
    for (int i = 0; i < WIDTH; i++) end[t].slope[i] = scale * (next[i] - target * exponential[i] / sum);
    for (int i = WIDTH; i < ROW; i++) end[t].slope[i] = 0;
    memcpy(end[t].top, x, sizeof x);
  }

  memset(weight_slope, 0, sizeof weight_slope);
  memset(tip_slope, 0, sizeof tip_slope);
  double to_last[LAYERS][ROW], to_cell[LAYERS][ROW], down[ROW];
  memset(to_last, 0, sizeof to_last);
  memset(to_cell, 0, sizeof to_cell);
  for (int t = STEPS - 1; t >= 0; t--) {
    for (int i = 0; i < ROW; i += 2) {
      v2 slope = load2(end[t].slope + i);
      accumulate(tip_slope[1] + i, slope * load2(end[t].top + i));
      accumulate(tip_slope[2] + i, slope);
      store2(down + i, slope * load2(tip[1] + i));
    }
    for (int k = LAYERS - 1; k >= 0; k--) {
      tape--;
      double(*w)[ROW] = weight[k], (*dw)[ROW] = weight_slope[k];
      for (int i = 0; i < ROW; i += 2) {
        v2 forget = load2(tape->forget + i), enter = load2(tape->enter + i), leave = load2(tape->leave + i);
        v2 change = load2(tape->change + i), squashed = load2(tape->tanh_cell + i);
        v2 in = load2(tape->x + i), before = load2(tape->last + i);
        v2 out = load2(down + i) + load2(to_last[k] + i);
        v2 new = load2(to_cell[k] + i) + out * leave * (1.0 - squashed * squashed);
        v2 by_forget = new * load2(tape->cell + i) * forget * (1.0 - forget);
        v2 by_enter = new * change * enter * (1.0 - enter);
        v2 by_leave = out * squashed * leave * (1.0 - leave);
        v2 by_change = new * enter * (1.0 - change * change);
        accumulate(dw[0] + i, by_forget * in), accumulate(dw[4] + i, by_forget);
        accumulate(dw[1] + i, by_enter * before), accumulate(dw[5] + i, by_enter);
        accumulate(dw[2] + i, by_leave * in), accumulate(dw[6] + i, by_leave);
        accumulate(dw[3] + i, by_change * before), accumulate(dw[7] + i, by_change);
        store2(to_cell[k] + i, new * forget);
        store2(to_last[k] + i, by_enter * load2(w[1] + i) + by_change * load2(w[3] + i));
        store2(down + i, by_forget * load2(w[0] + i) + by_leave * load2(w[2] + i));
      }
    }
    for (int i = 0; i < WIDTH; i++) tip_slope[0][i] += down[i] * text[t * WIDTH + i];
  }
  for (int k = 0; k < LAYERS; k++)
    for (int g = 0; g < 8; g++)
      for (int i = 0; i < WIDTH; i++) gradient[(8 * k + g) * WIDTH + i] = weight_slope[k][g][i];
  for (int g = 0; g < 3; g++)
    for (int i = 0; i < WIDTH; i++) gradient[(8 * LAYERS + g) * WIDTH + i] = tip_slope[g][i];
}
