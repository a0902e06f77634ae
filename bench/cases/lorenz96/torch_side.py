import torch
from start_torch import given


def prepare(arrays, options):
    h = options["dt"]
    start, observed = given(arrays, "x", True), given(arrays, "observed")

    def tendency(x):
        return (torch.roll(x, -1) - torch.roll(x, 2)) * torch.roll(x, 1) - x + options["forcing"]

    def run():
        x, cost = start, 0
        for seen in observed:
            k1 = tendency(x)
            k2 = tendency(x + h / 2 * k1)
            k3 = tendency(x + h / 2 * k2)
            k4 = tendency(x + h * k3)
            x = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            cost = cost + ((x - seen) ** 2).sum()
        return [cost, *torch.autograd.grad(cost, start)]

    return run
