import torch
from start_torch import given

complex_input = {"fft", "fft2", "fftn", "irfft"}


def prepare(arrays, options):
    name = options["operation"]
    operation, x = getattr(torch.fft, name), given(arrays, "re")
    if name in complex_input:
        x = torch.complex(x, given(arrays, "im"))
    parts = (lambda y: [y.real, y.imag]) if name != "irfft" else (lambda y: y)
    return lambda: operation(x), parts
