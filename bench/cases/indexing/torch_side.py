import torch
from start_torch import given


def prepare(arrays, options):
    x, at = given(arrays, "x"), given(arrays, "at").long()

    def scatter():
        return torch.zeros(options["rows"], x.shape[1]).index_add_(0, at, x)

    def turn():
        return x.permute(*reversed(range(x.ndim))).contiguous()

    return {"gather": lambda: x[at], "scatter": scatter, "transpose": turn}[options["operation"]]
