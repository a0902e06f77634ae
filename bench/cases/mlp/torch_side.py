import torch
from start_torch import given


def prepare(arrays, options):
    x, y = given(arrays, "x"), given(arrays, "y").long()
    layers = [(given(arrays, f"w{i}", True), given(arrays, f"b{i}", True)) for i in range(3)]
    parameters = [p for layer in layers for p in layer]
    optimizer = torch.optim.SGD(parameters, options["learningRate"])

    def step():
        optimizer.zero_grad()
        h = x
        for i, (w, b) in enumerate(layers):
            h = torch.addmm(b, h, w)
            if i < 2:
                h = h.relu()
        torch.nn.functional.cross_entropy(h, y).backward()
        optimizer.step()
        return parameters

    return step
