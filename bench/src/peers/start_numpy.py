"""NumPy and SciPy, which call OpenBLAS on one thread."""

import numpy as np
import scipy

version = f"{np.__version__}, scipy {scipy.__version__}"


def given(arrays, name):
    """An input by name."""
    return arrays[name].copy()


def work(run):
    return run


def values(result):
    return list(result) if isinstance(result, (list, tuple)) else [result]
