/*
 * Elementary functions on two or four lanes, for floors: the accuracy is that of the library (2 ulp in
 * the ranges that floors use), special values are left out.
 */
typedef double v2 __attribute__((vector_size(16)));
typedef long long i2 __attribute__((vector_size(16)));
typedef float v4 __attribute__((vector_size(16)));
typedef int i4 __attribute__((vector_size(16)));

INLINE v2 both(double a) { return (v2){a, a}; }
INLINE v2 load2(const double *p) {
  v2 v;
  memcpy(&v, p, 16);
  return v;
}
INLINE void store2(double *p, v2 v) { memcpy(p, &v, 16); }
INLINE v2 choose2(i2 which, v2 a, v2 b) { return (v2)((which & (i2)a) | (~which & (i2)b)); }

/* e^x = 2^k e^r with |r| <= ln(2) / 2: k by adding and subtracting 1.5 * 2^52, whose low bits then hold
   it; e^r by its Taylor polynomial of degree 13, in Estrin's order. */
INLINE v2 exp2lanes(v2 x) {
  const double shift = 6755399441055744.0;
  x = choose2(x < both(-708.0), both(-708.0), choose2(x > both(709.0), both(709.0), x));
  v2 shifted = x * 1.4426950408889634 + shift, k = shifted - shift;
  v2 r = (x - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10;
  v2 r2 = r * r, r4 = r2 * r2, r8 = r4 * r4;
  v2 a = (1.0 + r) + r2 * (0.5 + r * (1.0 / 6));
  v2 b = (1.0 / 24 + r * (1.0 / 120)) + r2 * (1.0 / 720 + r * (1.0 / 5040));
  v2 c = (1.0 / 40320 + r * (1.0 / 362880)) + r2 * (1.0 / 3628800 + r * (1.0 / 39916800));
  v2 d = both(1.0 / 479001600) + r * (1.0 / 6227020800.0);
  v2 p = (a + r4 * b) + r8 * (c + r4 * d);
  i2 power = ((i2)shifted + 1023) << 52;
  return p * (v2)power;
}

INLINE v2 sigmoid2lanes(v2 x) { return 1.0 / (1.0 + exp2lanes(-x)); }
/* Loses digits near 0, where a library would not: enough for the cell of an LSTM. */
INLINE v2 gate_tanh2lanes(v2 x) { return 1.0 - 2.0 / (1.0 + exp2lanes(2.0 * x)); }
