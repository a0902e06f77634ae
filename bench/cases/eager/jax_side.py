import jax.numpy as jnp


def prepare(arrays, options):
    x, y = jnp.asarray(arrays["x"]), jnp.asarray(arrays["y"])
    return {"add": lambda: x + y, "matmul": lambda: x @ y, "sum": x.sum}[options["operation"]]
