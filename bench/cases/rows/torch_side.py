import torch
from start_torch import given


def prepare(arrays, options):
    wanted = options["of"] == "gradient"
    a, b = given(arrays, "a", wanted), given(arrays, "b", wanted)

    def value():
        return a * (a * b).sum(1, keepdim=True) / ((a * a).sum(1, keepdim=True) + 1).sqrt() + b

    return (lambda: torch.autograd.grad((value() ** 2).sum(), [a, b])) if wanted else value
