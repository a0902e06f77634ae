import jax
import jax.numpy as jnp


def row(a, b):
    return a * (a @ b) / jnp.sqrt(a @ a + 1) + b


def prepare(arrays, options):
    slope = jax.grad(lambda a, b: (row(a, b) ** 2).sum(), (0, 1))
    f = jax.jit(jax.vmap(slope if options["of"] == "gradient" else row))
    a, b = jnp.asarray(arrays["a"]), jnp.asarray(arrays["b"])
    return lambda: f(a, b)
