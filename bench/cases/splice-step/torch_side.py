import torch
from start_torch import given


def prepare(arrays, options):
    x = given(arrays, "x")
    labels = given(arrays, "labels").long()
    units, middle = int(options["units"]), x.shape[0] // 2
    gru = torch.nn.GRU(x.shape[2], units, bidirectional=True)
    weight = given(arrays, "weight").requires_grad_()
    bias = given(arrays, "bias").requires_grad_()
    trained = []
    with torch.no_grad():
        for direction, suffix in (("forward", ""), ("backward", "_reverse")):
            for ours, theirs in (
                ("inputs", "weight_ih"),
                ("hidden", "weight_hh"),
                ("bias", "bias_ih"),
                ("hiddenBias", "bias_hh"),
            ):
                parameter = getattr(gru, f"{theirs}_l0{suffix}")
                value = given(arrays, f"{direction}.{ours}")
                parameter.copy_(value.T if value.ndim == 2 else value)
                trained.append(parameter)
    trained += [weight, bias]
    optimizer = torch.optim.SGD(trained, options["learningRate"])

    def step():
        optimizer.zero_grad()
        out, last = gru(x)
        left, right = out[middle - 1, :, :units], out[middle, :, units:]
        features = torch.cat([left, right, last[0], last[1]], dim=1)
        torch.nn.functional.cross_entropy(features @ weight + bias, labels).backward()
        optimizer.step()

    return step, lambda _: [p.T if p.ndim == 2 and p is not weight else p for p in trained]
