import torch
from start_torch import given
from torch.func import grad, vmap


def loss(parameters, x, y):
    (b0, w0), (b1, w1), (b2, w2) = parameters
    h = torch.relu(x @ w0 + b0)
    h = torch.relu(h @ w1 + b1)
    return (h @ w2 + b2 - y).square().mean()


def prepare(arrays, options):
    parameters = tuple((given(arrays, f"b{i}"), given(arrays, f"w{i}")) for i in range(3))
    tasks = [given(arrays, name) for name in ("supportX", "supportY", "queryX", "queryY")]
    rate = options["innerLearningRate"]

    def after_a_step(parameters, x, y, query_x, query_y):
        slopes = grad(loss)(parameters, x, y)
        moved = tuple(
            tuple(value - rate * slope for value, slope in zip(layer, layer_slopes))
            for layer, layer_slopes in zip(parameters, slopes)
        )
        return loss(moved, query_x, query_y)

    def mean_loss(parameters):
        return vmap(after_a_step, (None, 0, 0, 0, 0))(parameters, *tasks).mean()

    gradient = grad(mean_loss)
    return lambda: [part for layer in gradient(parameters) for part in layer]
