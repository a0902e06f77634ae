import numpy as np


def eigh(a):
    w, v = np.linalg.eigh(a)
    return w, np.abs(v)


def svd(a):
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    return np.abs(u), s, np.abs(vt)


operations = {
    "eigh": eigh,
    "eigvalsh": np.linalg.eigvalsh,
    "svd": svd,
    "svdvals": lambda a: np.linalg.svd(a, compute_uv=False),
}


def prepare(arrays, options):
    operation, a = operations[options["operation"]], arrays["a"]
    return lambda: operation(a)
