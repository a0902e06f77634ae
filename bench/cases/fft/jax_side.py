import jax
import jax.numpy as jnp

complex_input = {"fft", "fft2", "fftn", "irfft"}


def prepare(arrays, options):
    name = options["operation"]
    operation, x = jax.jit(getattr(jnp.fft, name)), jnp.asarray(arrays["re"])
    if name in complex_input:
        x = x + 1j * jnp.asarray(arrays["im"])
    parts = (lambda y: [y.real, y.imag]) if name != "irfft" else (lambda y: y)
    return lambda: operation(x), parts
