import math

import jax
import jax.numpy as jnp
import numpy as np


def prepare(arrays, options):
    k, d = arrays["mu"].shape
    n = arrays["x"].shape[0]
    columns, rows = np.triu_indices(d, 1)  # lower triangle, column after column
    x, gamma, m = (jnp.asarray(arrays[name]) for name in ("x", "gamma", "m"))

    def objective(parameters, x, gamma, m):
        alpha, mu, q, l = parameters
        lower = jnp.zeros((k, d, d)).at[:, rows, columns].set(l)
        factors = lower + jax.vmap(jnp.diag)(jnp.exp(q))
        scaled = jnp.einsum("kij,nkj->nki", factors, x[:, None] - mu)
        terms = alpha + q.sum(1) - (scaled**2).sum(2) / 2
        likelihood = jax.scipy.special.logsumexp(terms, axis=1).sum()
        likelihood -= n * (jax.scipy.special.logsumexp(alpha) + d / 2 * math.log(2 * math.pi))
        freedom = m + d + 1
        gammas = jax.scipy.special.multigammaln(freedom / 2, d)
        constant = freedom * d * (jnp.log(gamma) - math.log(2) / 2) - gammas
        return likelihood + k * constant - gamma**2 / 2 * (factors**2).sum() + m * q.sum()

    f = jax.jit(jax.grad(objective))
    parameters = [jnp.asarray(arrays[name]) for name in ("alpha", "mu", "q", "l")]
    return lambda: f(parameters, x, gamma, m)
