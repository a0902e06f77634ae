import torch
from start_torch import given

operations = {
    "cholesky": lambda a, b: torch.linalg.cholesky(a),
    "lu": lambda a, b: torch.linalg.lu_factor(a).LU,
    "solve": torch.linalg.solve,
    "inv": lambda a, b: torch.linalg.inv(a),
    "qr": lambda a, b: torch.linalg.qr(a).R,
}


def prepare(arrays, options):
    operation, a, b = operations[options["operation"]], given(arrays, "a"), given(arrays, "b")
    return lambda: operation(a, b)
