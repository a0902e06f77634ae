import torch
from start_torch import given


def prepare(arrays, options):
    x, y = given(arrays, "x"), given(arrays, "y").long()
    names = ["k0", "c0", "k1", "c1", "w0", "b0", "w1", "b1", "w2", "b2"]
    p = {name: given(arrays, name, True) for name in names}
    optimizer = torch.optim.SGD(p.values(), options["learningRate"])

    def step():
        optimizer.zero_grad()
        h = x
        for i in range(2):
            h = torch.nn.functional.conv2d(h, p[f"k{i}"], p[f"c{i}"])
            h = torch.nn.functional.max_pool2d(h.relu(), 2)
        h = h.flatten(1)
        for i in range(3):
            h = torch.addmm(p[f"b{i}"], h, p[f"w{i}"])
            if i < 2:
                h = h.relu()
        torch.nn.functional.cross_entropy(h, y).backward()
        optimizer.step()
        return list(p.values())

    return step
