import torch
from start_torch import given
from torch.nn.functional import binary_cross_entropy_with_logits


def prepare(arrays, options):
    x, noise = given(arrays, "x"), given(arrays, "noise")[0]
    latent = options["latent"]
    layers = [(given(arrays, f"b{i}", True), given(arrays, f"w{i}", True)) for i in range(4)]
    (b0, w0), (b1, w1), (b2, w2), (b3, w3) = layers
    parameters = [p for layer in layers for p in layer]
    optimizer = torch.optim.SGD(parameters, options["learningRate"])

    def step():
        optimizer.zero_grad()
        mean, log_variance = torch.addmm(b1, torch.addmm(b0, x, w0).relu(), w1).split(latent, 1)
        z = mean + torch.exp(0.5 * log_variance) * noise
        logits = torch.addmm(b3, torch.addmm(b2, z, w2).relu(), w3)
        likelihood = binary_cross_entropy_with_logits(logits, x, reduction="sum")
        divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum()
        ((likelihood + divergence) / x.shape[0]).backward()
        optimizer.step()
        return parameters

    return step
