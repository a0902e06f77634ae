import jax


def prepare(arrays, options):
    def apply(x, w):
        return jax.lax.conv(x, w, (1, 1), options["padding"].upper())

    def loss(x, w):
        return (apply(x, w) ** 2).sum()

    kinds = {"value": apply, "x": jax.grad(loss, 0), "w": jax.grad(loss, 1)}
    f = jax.jit(kinds[options["of"]])
    x, w = jax.numpy.asarray(arrays["x"]), jax.numpy.asarray(arrays["w"])
    return lambda: f(x, w)
