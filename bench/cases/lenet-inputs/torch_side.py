import numpy as np
import torch
from start_torch import given
from torch.nn.functional import conv2d, cross_entropy, max_pool2d


def prepare(arrays, options):
    x, y = given(arrays, "x"), given(arrays, "y").long()
    p = {name: given(arrays, name) for name in arrays if name not in ("x", "y")}

    def lenet(h):
        for i in range(2):
            h = max_pool2d(conv2d(h, p[f"k{i}"], p[f"c{i}"]).relu(), 2)
        h = h.flatten(1)
        for i in range(3):
            h = torch.addmm(p[f"b{i}"], h, p[f"w{i}"])
            if i < 2:
                h = h.relu()
        return h

    def slope(objective, at):
        at = at.detach().requires_grad_()
        return torch.autograd.grad(objective(at), at)[0]

    def integrated_gradients():
        nodes, weights = np.polynomial.legendre.leggauss(options["nodes"])
        mean = torch.zeros_like(x)
        for node, weight in zip(nodes, weights):
            at = x * float((node + 1) / 2)
            mean += slope(lambda z: lenet(z).gather(1, y[:, None]).sum(), at) * float(weight / 2)
        return x * mean

    def pgd():
        at = x
        for _ in range(options["steps"]):
            sign = slope(lambda z: cross_entropy(lenet(z), y, reduction="sum"), at).sign_()
            moved = at + options["stepSize"] * sign
            at = (x + (moved - x).clamp_(-options["eps"], options["eps"])).clamp_(0, 1)
        return at

    return pgd if options["method"] == "pgd" else integrated_gradients
