import jax
import jax.numpy as jnp

operations = {
    "sum": jnp.sum,
    "mean": jnp.mean,
    "max": jnp.max,
    "softmax": jax.nn.softmax,
    "logsumexp": jax.nn.logsumexp,
    "cumsum": jnp.cumsum,
}


def prepare(arrays, options):
    operation, axis = operations[options["operation"]], options["axis"]
    f, x = jax.jit(lambda x: operation(x, axis)), jnp.asarray(arrays["x"])
    return lambda: f(x)
