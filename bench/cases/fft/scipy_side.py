import scipy.fft

complex_input = {"fft", "fft2", "fftn", "irfft"}


def prepare(arrays, options):
    name = options["operation"]
    operation, x = getattr(scipy.fft, name), arrays["re"]
    if name in complex_input:
        x = x + 1j * arrays["im"]
    return lambda: operation(x)
