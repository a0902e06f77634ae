import torch
from start_torch import given


def prepare(arrays, options):
    x, y = given(arrays, "x"), given(arrays, "y")
    lstm = torch.nn.LSTM(x.shape[2], y.shape[1])
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(given(arrays, "wx").T)
        lstm.weight_hh_l0.copy_(given(arrays, "wh").T)
        lstm.bias_ih_l0.copy_(given(arrays, "b"))
        lstm.bias_hh_l0.zero_()
    lstm.bias_hh_l0.requires_grad_(False)
    trained = [lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0]
    optimizer = torch.optim.SGD(trained, options["learningRate"])

    def step():
        optimizer.zero_grad()
        out, _ = lstm(x)
        torch.nn.functional.mse_loss(out[-1], y).backward()
        optimizer.step()

    return step, lambda _: [trained[0].T, trained[1].T, trained[2]]
