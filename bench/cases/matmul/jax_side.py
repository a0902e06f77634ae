import jax


def prepare(arrays, options):
    x, y = jax.numpy.asarray(arrays["x"]), jax.numpy.asarray(arrays["y"])
    left, right = options["variant"] == "A'B", options["variant"] == "AB'"
    product = jax.jit(lambda x, y: (x.mT if left else x) @ (y.mT if right else y))
    return lambda: product(x, y)
