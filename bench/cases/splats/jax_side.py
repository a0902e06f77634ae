import jax
import jax.numpy as jnp

NAMES = ("means", "quaternions", "logScales", "opacityLogits", "harmonics")


def rotations(q):
    w, x, y, z = jnp.moveaxis(q / jnp.linalg.norm(q, axis=1, keepdims=True), 1, 0)
    return jnp.stack([
        jnp.stack([1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)], -1),
        jnp.stack([2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)], -1),
        jnp.stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)], -1),
    ], 1)  # fmt: skip


def basis(direction):
    x, y, z = jnp.moveaxis(direction, 1, 0)
    xx, yy, zz = x * x, y * y, z * z
    return jnp.stack([
        0.28209479177387814 * jnp.ones_like(x),
        -0.4886025119029199 * y, 0.4886025119029199 * z, -0.4886025119029199 * x,
        1.0925484305920792 * x * y, -1.0925484305920792 * y * z,
        0.31539156525252005 * (2 * zz - xx - yy),
        -1.0925484305920792 * x * z, 0.5462742152960396 * (xx - yy),
        -0.5900435899266435 * y * (3 * xx - yy), 2.890611442640554 * x * y * z,
        -0.4570457994644658 * y * (4 * zz - xx - yy),
        0.3731763325901154 * z * (2 * zz - 3 * xx - 3 * yy),
        -0.4570457994644658 * x * (4 * zz - xx - yy),
        1.445305721320277 * z * (xx - yy), -0.5900435899266435 * x * (xx - 3 * yy),
    ], 1)  # fmt: skip


def picture(means, quaternions, log_scales, opacity_logits, harmonics, width):
    focal, middle = width, width / 2
    sight = means / jnp.linalg.norm(means, axis=1, keepdims=True)
    colors = jax.nn.relu(jnp.einsum("nk,nkc->nc", basis(sight), harmonics) + 0.5)
    x, y, depth = jnp.moveaxis(means, 1, 0)
    u, v = x / depth, y / depth
    limit = 0.65 * width / focal
    bu, bv = jnp.clip(u, -limit, limit), jnp.clip(v, -limit, limit)
    zero = jnp.zeros_like(depth)
    jacobian = jnp.stack([
        jnp.stack([focal / depth, zero, -bu * focal / depth], -1),
        jnp.stack([zero, focal / depth, -bv * focal / depth], -1),
    ], 1)  # fmt: skip
    factor = jacobian @ rotations(quaternions) * jnp.exp(log_scales)[:, None]
    covariance = factor @ factor.transpose(0, 2, 1) + 0.3 * jnp.eye(2)
    xx, xy, yy = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
    determinant = xx * yy - xy**2

    order = jnp.argsort(depth)
    parts = (u * focal + middle, v * focal + middle, yy / determinant, -xy / determinant,
             xx / determinant, jax.nn.sigmoid(opacity_logits), colors)  # fmt: skip
    pixels = jnp.arange(width) + 0.5

    # One after the other, and again on the way back: ten times as fast as all of them at once.
    @jax.checkpoint
    def lay(below, one):
        image, through = below
        px, py, a, b, c, opacity, color = one
        dx, dy = pixels[None, :] - px, pixels[:, None] - py
        alpha = jnp.minimum(opacity * jnp.exp(-(a * dx**2 + 2 * b * dx * dy + c * dy**2) / 2), 0.999)
        alpha = jnp.where(alpha >= 1 / 255, alpha, 0)
        after = through * (1 - alpha)
        weight = jnp.where(after > 1e-4, through * alpha, 0)
        return (image + weight * color[:, None, None], after), None

    start = jnp.zeros((3, width, width)), jnp.ones((width, width))
    (image, _), _ = jax.lax.scan(lay, start, tuple(part[order] for part in parts))
    return image.transpose(1, 2, 0)


def prepare(arrays, options):
    splats = [jnp.asarray(arrays[name]) for name in NAMES]
    target = jnp.asarray(arrays["target"])

    def loss(splats, target):
        return jnp.mean((picture(*splats, options["width"]) - target) ** 2)

    f = jax.jit(jax.value_and_grad(loss))
    return lambda: f(splats, target)
