import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu


def stiffness(nu):
    """Of a square with modulus 1 in plane stress; from the lower left, against the clock."""
    k = np.array([1 / 2 - nu / 6, 1 / 8 + nu / 8, -1 / 4 - nu / 12, -1 / 8 + 3 * nu / 8,
                  -1 / 4 + nu / 12, -1 / 8 - nu / 8, nu / 6, 1 / 8 - 3 * nu / 8])  # fmt: skip
    places = [[0, 1, 2, 3, 4, 5, 6, 7], [1, 0, 7, 6, 5, 4, 3, 2], [2, 7, 0, 5, 6, 3, 4, 1],
              [3, 6, 5, 0, 7, 2, 1, 4], [4, 5, 6, 7, 0, 1, 2, 3], [5, 4, 3, 2, 1, 0, 7, 6],
              [6, 3, 4, 1, 2, 7, 0, 5], [7, 2, 1, 4, 3, 6, 5, 0]]  # fmt: skip
    return k[np.array(places)] / (1 - nu**2)


def prepare(arrays, options):
    nx, ny, penalty, least = (options[name] for name in ("nx", "ny", "penalty", "youngMin"))
    densities = arrays["densities"]
    element = stiffness(options["poisson"])
    corner = (np.arange(nx) + (nx + 1) * np.arange(ny)[:, None]).ravel()
    nodes = corner[:, None] + np.array([0, 1, nx + 2, nx + 1])
    unknowns = (2 * nodes[:, :, None] + np.arange(2)).reshape(-1, 8)
    size = 2 * (nx + 1) * (ny + 1)
    held = np.append(2 * (nx + 1) * np.arange(ny + 1), 2 * nx + 1)
    free = np.setdiff1d(np.arange(size), held)
    load = np.zeros(size)
    load[2 * ny * (nx + 1) + 1] = -1

    # Entries of the elements that are free, and the place of each in the matrix by columns: found once.
    number = np.full(size, -1)
    number[free] = np.arange(len(free))
    rows, columns = np.broadcast_arrays(number[unknowns][:, :, None], number[unknowns][:, None, :])
    kept = ((rows >= 0) & (columns >= 0)).ravel()
    keys = columns.ravel()[kept] * len(free) + rows.ravel()[kept]
    entries, target = np.unique(keys, return_inverse=True)
    indptr = np.searchsorted(entries, np.arange(len(free) + 1) * len(free))
    indices = entries % len(free)
    settings = {"permc_spec": "MMD_AT_PLUS_A", "diag_pivot_thresh": 0.0}

    def compliance_and_gradient():
        young = least + densities**penalty * (1 - least)
        own = (young[:, None] * element.ravel()).ravel()[kept]
        data = np.bincount(target, own, len(entries))
        matrix = sp.csc_array((data, indices, indptr), shape=(len(free), len(free)))
        u = np.zeros(size)
        u[free] = splu(matrix, options={"SymmetricMode": True}, **settings).solve(load[free])
        around = u[unknowns]
        energies = ((around @ element) * around).sum(1)
        return load @ u, -penalty * densities ** (penalty - 1) * (1 - least) * energies

    return compliance_and_gradient
