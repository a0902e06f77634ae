import math

import torch
from start_torch import given


def prepare(arrays, options):
    k, d = arrays["mu"].shape
    n = arrays["x"].shape[0]
    parameters = [given(arrays, name, True) for name in ("alpha", "mu", "q", "l")]
    x, gamma, m = (given(arrays, name) for name in ("x", "gamma", "m"))
    columns, rows = torch.triu_indices(d, d, 1)

    def run():
        alpha, mu, q, l = parameters
        factors = torch.diag_embed(torch.exp(q))
        factors = factors.index_put((torch.arange(k)[:, None], rows, columns), l)
        scaled = torch.einsum("kij,nkj->nki", factors, x[:, None] - mu)
        terms = alpha + q.sum(1) - (scaled**2).sum(2) / 2
        likelihood = torch.logsumexp(terms, 1).sum()
        likelihood = likelihood - n * (torch.logsumexp(alpha, 0) + d / 2 * math.log(2 * math.pi))
        freedom = m + d + 1
        constant = freedom * d * (torch.log(gamma) - math.log(2) / 2)
        constant = constant - torch.special.multigammaln(freedom / 2, d)
        prior = k * constant - gamma**2 / 2 * (factors**2).sum() + m * q.sum()
        return torch.autograd.grad(likelihood + prior, parameters)

    return run
