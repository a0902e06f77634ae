import torch
from start_torch import given


def prepare(arrays, options):
    x, y = given(arrays, "x"), given(arrays, "y")
    return {"add": lambda: x + y, "matmul": lambda: x @ y, "sum": x.sum}[options["operation"]]
