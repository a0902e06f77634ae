import numpy as np
import scipy.linalg
from start_scipy import given


def lu(a, b):
    # scipy takes batches too, one matrix after the other.
    return scipy.linalg.lu_factor(a)[0]


operations = {
    "cholesky": lambda a, b: np.linalg.cholesky(a),
    "lu": lu,
    "solve": np.linalg.solve,
    "inv": lambda a, b: np.linalg.inv(a),
    "qr": lambda a, b: np.linalg.qr(a).R,
}


def prepare(arrays, options):
    operation, a, b = operations[options["operation"]], given(arrays, "a"), given(arrays, "b")
    return lambda: operation(a, b)
