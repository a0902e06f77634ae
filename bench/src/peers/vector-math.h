/*
 * Elementary functions on two lanes of doubles (d) or four of floats (f), for floors. Accurate to 2 ulp
 * for finite arguments of the size that floors have (sin: below 1e5); special values are left out.
 */
typedef double v2 __attribute__((vector_size(16)));
typedef long long i2 __attribute__((vector_size(16)));
typedef float v4 __attribute__((vector_size(16)));
typedef int i4 __attribute__((vector_size(16)));

INLINE v2 both(double a) { return (v2){a, a}; }
INLINE v4 all4(float a) { return (v4){a, a, a, a}; }
INLINE v2 load2(const double *p) {
  v2 v;
  memcpy(&v, p, 16);
  return v;
}
INLINE void store2(double *p, v2 v) { memcpy(p, &v, 16); }
INLINE v4 load4(const float *p) {
  v4 v;
  memcpy(&v, p, 16);
  return v;
}
INLINE void store4(float *p, v4 v) { memcpy(p, &v, 16); }
INLINE v2 choose2(i2 which, v2 a, v2 b) { return (v2)((which & (i2)a) | (~which & (i2)b)); }
INLINE v4 choose4(i4 which, v4 a, v4 b) { return (v4)((which & (i4)a) | (~which & (i4)b)); }

/*
 * x = k ln 2 + r with |r| <= ln(2) / 2. Adding and subtracting 1.5 * 2^52 rounds x / ln 2 to k, and
 * leaves k in the low bits of the sum. Then e^r - 1 by its Taylor polynomial, in Estrin's order.
 */
struct exponent_d {
  v2 r, less_one;
  i2 k;
};
INLINE struct exponent_d exponent_d(v2 x) {
  const double shift = 6755399441055744.0;
  v2 shifted = x * 1.4426950408889634 + shift, k = shifted - shift;
  v2 r = (x - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10;
  v2 r2 = r * r, r4 = r2 * r2, r8 = r4 * r4;
  v2 a = 0.5 + r * (1.0 / 6) + r2 * (1.0 / 24 + r * (1.0 / 120));
  v2 b = 1.0 / 720 + r * (1.0 / 5040) + r2 * (1.0 / 40320 + r * (1.0 / 362880));
  v2 c = 1.0 / 3628800 + r * (1.0 / 39916800) + r2 * (1.0 / 479001600 + r * (1.0 / 6227020800.0));
  return (struct exponent_d){r, r + r2 * (a + r4 * b + r8 * c), (i2)shifted - (i2)both(shift)};
}
struct exponent_f {
  v4 r, less_one;
  i4 k;
};
INLINE struct exponent_f exponent_f(v4 x) {
  const float shift = 12582912.0f;
  v4 shifted = x * 1.44269504f + shift, k = shifted - shift;
  v4 r = (x - k * 0.693359375f) - k * -2.12194440e-4f;
  v4 r2 = r * r, r4 = r2 * r2;
  v4 a = 0.5f + r * (1.0f / 6) + r2 * (1.0f / 24 + r * (1.0f / 120));
  v4 b = 1.0f / 720 + r * (1.0f / 5040);
  return (struct exponent_f){r, r + r2 * (a + r4 * b), (i4)shifted - (i4)all4(shift)};
}

INLINE v2 clamp2(v2 x, double low, double high) {
  x = choose2(x < both(low), both(low), x);
  return choose2(x > both(high), both(high), x);
}
INLINE v4 clamp4(v4 x, float low, float high) {
  x = choose4(x < all4(low), all4(low), x);
  return choose4(x > all4(high), all4(high), x);
}

INLINE v2 exp_d(v2 x) {
  struct exponent_d e = exponent_d(clamp2(x, -708, 709));
  return (1.0 + e.less_one) * (v2)((e.k + 1023) << 52);
}
INLINE v4 exp_f(v4 x) {
  struct exponent_f e = exponent_f(clamp4(x, -87, 88));
  return (1.0f + e.less_one) * (v4)((e.k + 127) << 23);
}

INLINE v2 sigmoid_d(v2 x) { return 1.0 / (1.0 + exp_d(-x)); }
/* Loses digits near 0, where tanh_d does not: enough for the cell of an LSTM. */
INLINE v2 gate_tanh_d(v2 x) { return 1.0 - 2.0 / (1.0 + exp_d(2.0 * x)); }

/* tanh x = m / (m + 2) with m = e^2x - 1 = 2^k (e^r - 1) + (2^k - 1), which keeps the digits near 0. */
INLINE v2 tanh_d(v2 x) {
  struct exponent_d e = exponent_d(2.0 * clamp2(x, -20, 20));
  v2 power = (v2)((e.k + 1023) << 52), m = power * e.less_one + (power - 1.0);
  return m / (m + 2.0);
}
INLINE v4 tanh_f(v4 x) {
  struct exponent_f e = exponent_f(2.0f * clamp4(x, -10, 10));
  v4 power = (v4)((e.k + 127) << 23), m = power * e.less_one + (power - 1.0f);
  return m / (m + 2.0f);
}

/*
 * x = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2). With s = f / (2 + f), log(1 + f) = 2 artanh s
 * = f - (f^2 / 2 - s (f^2 / 2 + R)), R = 2 s^2 / 3 + 2 s^4 / 5 + ..., where f carries most of the digits.
 */
INLINE v2 log_d(v2 x) {
  const long long root = 0x3fe6a09e667f3bcdLL;
  i2 bits = (i2)x - root;
  i2 k = bits >> 52;
  v2 f = (v2)((bits & 0xfffffffffffffLL) + root) - 1.0, s = f / (2.0 + f), z = s * s, w = z * z;
  v2 even = 2.0 / 3 + w * (2.0 / 7 + w * (2.0 / 11 + w * (2.0 / 15 + w * (2.0 / 19))));
  v2 odd = 2.0 / 5 + w * (2.0 / 9 + w * (2.0 / 13 + w * (2.0 / 17 + w * (2.0 / 21))));
  v2 half = 0.5 * f * f, R = z * (even + z * odd);
  const double shift = 6755399441055744.0;
  v2 power = (v2)(k + (i2)both(shift)) - shift;
  return power * 6.93147180369123816490e-01 - ((half - (s * (half + R) + power * 1.90821492927058770002e-10)) - f);
}
INLINE v4 log_f(v4 x) {
  const int root = 0x3f3504f3;
  i4 bits = (i4)x - root;
  v4 power = __builtin_convertvector(bits >> 23, v4);
  v4 f = (v4)((bits & 0x7fffff) + root) - 1.0f, s = f / (2.0f + f), z = s * s, w = z * z;
  v4 R = z * (2.0f / 3 + w * (2.0f / 7) + z * (2.0f / 5 + w * (2.0f / 9)));
  v4 half = 0.5f * f * f;
  return power * 0.693359375f - ((half - (s * (half + R) + power * -2.12194440e-4f)) - f);
}

/* x = q pi/2 + r in three parts of pi/2; sine or cosine of r by Taylor polynomials, by the parity of q. */
INLINE v2 sin_d(v2 x) {
  const double shift = 6755399441055744.0;
  v2 shifted = x * 0.63661977236758134 + shift, q = shifted - shift;
  v2 r = ((x - q * 1.57079632673412561417e+00) - q * 6.07710050630396597660e-11) - q * 2.02226624879595063154e-21;
  v2 z = r * r, w = z * z;
  v2 sine = r + r * z * ((-1.0 / 6 + z * (1.0 / 120)) + w * ((-1.0 / 5040 + z * (1.0 / 362880)) +
            w * ((-1.0 / 39916800 + z * (1.0 / 6227020800.0)) + w * (-1.0 / 1307674368000.0 + z * (1.0 / 355687428096000.0)))));
  v2 cosine = (1.0 - 0.5 * z) + w * ((1.0 / 24 + z * (-1.0 / 720)) + w * ((1.0 / 40320 + z * (-1.0 / 3628800)) +
              w * ((1.0 / 479001600 + z * (-1.0 / 87178291200.0)) + w * (1.0 / 20922789888000.0))));
  i2 quadrant = (i2)shifted;
  v2 y = choose2((i2)((quadrant & 1) == 1), cosine, sine);
  return (v2)((i2)y ^ ((quadrant & 2) << 62));
}
INLINE v4 sin_f(v4 x) {
  const float shift = 12582912.0f;
  v4 shifted = x * 0.636619772f + shift, q = shifted - shift;
  v4 r = ((x - q * 1.5703125f) - q * 4.837512969970703e-4f) - q * 7.549789948768648e-8f;
  v4 z = r * r;
  v4 sine = r + r * z * (-1.0f / 6 + z * (1.0f / 120 + z * (-1.0f / 5040 + z * (1.0f / 362880))));
  v4 cosine = (1.0f - 0.5f * z) + z * z * (1.0f / 24 + z * (-1.0f / 720 + z * (1.0f / 40320 + z * (-1.0f / 3628800))));
  i4 quadrant = (i4)shifted;
  v4 y = choose4((i4)((quadrant & 1) == 1), cosine, sine);
  return (v4)((i4)y ^ ((quadrant & 2) << 30));
}
