"""Writes torch.json, what PyTorch gives for the layers and losses that test/torch.test.ts compares.

Numbers are sines, so that both sides can make them: element i of the k-th tensor of a case is
sin(0.7 i + k + 0.3) / 2. The input is tensor 0, parameters follow in the order of their names. The loss is
the sum of the results times cos(0.3 i), and everything is in float64.
"""

import json
import pathlib

import torch
from torch import nn

torch.set_default_dtype(torch.float64)


def sines(shape, k):
    size = torch.Size(shape).numel()
    return (torch.sin(0.7 * torch.arange(size) + k + 0.3) / 2).reshape(shape)


def numbers(x):
    return x.detach().flatten().tolist()


def case(module, shape, turned=False):
    """Result and gradients; with `turned`, weights are ours, the transposes of PyTorch's."""
    x = sines(shape, 0).requires_grad_()
    names = sorted(name for name, _ in module.named_parameters())
    ours = {}
    for k, name in enumerate(names):
        p = module.get_parameter(name)
        flip = turned and name == "weight"
        made = sines(p.T.shape if flip else p.shape, k + 1).requires_grad_()
        ours[name] = made
    y = torch.func.functional_call(
        module, {n: p.T if turned and n == "weight" else p for n, p in ours.items()}, (x,)
    )
    loss = (y * torch.cos(0.3 * torch.arange(y.numel())).reshape(y.shape)).sum()
    slopes = torch.autograd.grad(loss, [x, *ours.values()])
    out = {
        "shape": list(y.shape),
        "y": numbers(y),
        "x": numbers(slopes[0]),
        "params": {name: numbers(slope) for name, slope in zip(ours, slopes[1:])},
    }
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        out["state"] = {"mean": numbers(module.running_mean), "variance": numbers(module.running_var)}
    return out


def batch_norm(module, training):
    module.train(training)
    with torch.no_grad():
        module.running_mean.copy_(sines(module.running_mean.shape, 7))
        module.running_var.copy_(1 + sines(module.running_var.shape, 8))
    return module


def loss(value, *inputs):
    slopes = torch.autograd.grad(value.sum(), inputs)
    return {"y": numbers(value), "x": numbers(slopes[0])}


def losses():
    functional = nn.functional
    labels = torch.tensor([2, 0, 3, 3])
    z = sines([4, 5], 0).mul(6).requires_grad_()
    t = sines([4, 5], 1).add(0.5)
    return {
        "crossEntropy": loss(functional.cross_entropy(z, labels), z),
        "crossEntropy, none": loss(functional.cross_entropy(z, labels, reduction="none"), z),
        "crossEntropy, smoothed": loss(functional.cross_entropy(z, labels, label_smoothing=0.1), z),
        "binaryCrossEntropyWithLogits": loss(
            functional.binary_cross_entropy_with_logits(z, t), z
        ),
        "mse": loss(functional.mse_loss(z, t), z),
        "mse, sum": loss(functional.mse_loss(z, t, reduction="sum"), z),
    }


def activations():
    functional = nn.functional
    x = sines([9], 0).mul(6).requires_grad_()
    found = {
        "leakyRelu": functional.leaky_relu(x),
        "elu": functional.elu(x),
        "silu": functional.silu(x),
        "gelu": functional.gelu(x),
        "geluTanh": functional.gelu(x, approximate="tanh"),
    }
    return {name: loss(y, x) for name, y in found.items()}


cases = {
    "dense": case(nn.Linear(3, 4), [2, 3], True),
    "dense of three axes": case(nn.Linear(3, 4), [2, 2, 3], True),
    "conv1d": case(nn.Conv1d(2, 3, 3, stride=2, padding=1), [2, 2, 7]),
    "conv2d": case(nn.Conv2d(2, 3, 3), [2, 2, 5, 6]),
    "conv2d with options": case(
        nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2), groups=2), [2, 4, 6, 5]
    ),
    "convTranspose2d": case(nn.ConvTranspose2d(2, 3, 3), [2, 2, 3, 4]),
    "convTranspose2d with options": case(
        nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2), [1, 4, 3, 2]
    ),
    "layerNorm": case(nn.LayerNorm(5), [2, 3, 5]),
    "layerNorm over two axes": case(nn.LayerNorm([3, 5], eps=1e-3), [2, 3, 5]),
    "batchNorm, training": case(batch_norm(nn.BatchNorm2d(3), True), [2, 3, 2, 2]),
    "batchNorm of vectors, training": case(batch_norm(nn.BatchNorm1d(3, momentum=0.3), True), [4, 3]),
    "batchNorm, evaluation": case(batch_norm(nn.BatchNorm2d(3), False), [2, 3, 2, 2]),
    "maxPooling": case(nn.MaxPool2d(2), [2, 2, 4, 5]),
    "maxPooling with options": case(nn.MaxPool2d(3, stride=2, padding=1), [1, 2, 5, 5]),
    "avgPooling": case(nn.AvgPool2d(2), [2, 2, 4, 5]),
    "avgPooling with options": case(
        nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False), [1, 2, 5, 5]
    ),
    "globalAvgPooling": case(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), [2, 3, 3, 4]),
    "globalMaxPooling": case(nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten()), [2, 3, 3, 4]),
}

embedding = nn.Embedding(5, 3)
weight = sines([5, 3], 1).requires_grad_()
y = nn.functional.embedding(torch.tensor([[1, 4], [0, 1]]), weight)
(slope,) = torch.autograd.grad((y * torch.cos(0.3 * torch.arange(12)).reshape(y.shape)).sum(), weight)
cases["embedding"] = {"shape": list(y.shape), "y": numbers(y), "x": [], "params": {"weight": numbers(slope)}}

text = json.dumps({"layers": cases, "losses": losses(), "activations": activations()})
pathlib.Path(__file__).with_name("torch.json").write_text(text + "\n")
