import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu


def prepare(arrays, options):
    n = options["order"]
    matrix = sp.csr_array((arrays["data"], arrays["indices"], arrays["indptr"]), shape=(n, n))
    b = arrays["b"]
    if options["operation"] == "matvec":
        return lambda: matrix @ b
    rows = np.repeat(np.arange(n), np.diff(arrays["indptr"]))
    columns = arrays["indices"]
    # The order of elimination is part of each factorization of SuperLU.
    symmetric = {"permc_spec": "MMD_AT_PLUS_A", "diag_pivot_thresh": 0.0}

    def gradient():
        factors = splu(matrix.tocsc(), options={"SymmetricMode": True}, **symmetric)
        x = factors.solve(b)
        w = factors.solve(x, "T")
        if options["method"] == "lu":
            return -w[rows] * x[columns], w
        return -0.5 * (w[rows] * x[columns] + x[rows] * w[columns]), w

    return gradient
