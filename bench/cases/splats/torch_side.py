import torch
from start_torch import given

NAMES = ("means", "quaternions", "logScales", "opacityLogits", "harmonics")


def rotations(q):
    w, x, y, z = (q / q.norm(dim=1, keepdim=True)).unbind(1)
    return torch.stack([
        torch.stack([1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)], -1),
        torch.stack([2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)], -1),
        torch.stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)], -1),
    ], 1)  # fmt: skip


def basis(direction):
    x, y, z = direction.unbind(1)
    xx, yy, zz = x * x, y * y, z * z
    return torch.stack([
        0.28209479177387814 * torch.ones_like(x),
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
    sight = means / means.norm(dim=1, keepdim=True)
    colors = (torch.einsum("nk,nkc->nc", basis(sight), harmonics) + 0.5).relu()
    x, y, depth = means.unbind(1)
    u, v = x / depth, y / depth
    limit = 0.65 * width / focal
    bu, bv = u.clamp(-limit, limit), v.clamp(-limit, limit)
    zero = torch.zeros_like(depth)
    jacobian = torch.stack([
        torch.stack([focal / depth, zero, -bu * focal / depth], -1),
        torch.stack([zero, focal / depth, -bv * focal / depth], -1),
    ], 1)  # fmt: skip
    factor = jacobian @ rotations(quaternions) * log_scales.exp()[:, None]
    covariance = factor @ factor.transpose(1, 2) + 0.3 * torch.eye(2, dtype=means.dtype)
    xx, xy, yy = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
    determinant = xx * yy - xy**2

    order = depth.argsort()
    parts = (u * focal + middle, v * focal + middle, yy / determinant, -xy / determinant,
             xx / determinant, opacity_logits.sigmoid())  # fmt: skip
    px, py, a, b, c, opacity = (part[order][:, None, None] for part in parts)
    pixels = torch.arange(width) + 0.5
    dx, dy = pixels[None, None, :] - px, pixels[None, :, None] - py
    alpha = opacity * torch.exp(-(a * dx**2 + 2 * b * dx * dy + c * dy**2) / 2)
    alpha = alpha.clamp(max=0.999)
    alpha = torch.where(alpha >= 1 / 255, alpha, 0)
    through = torch.cumprod(1 - alpha, 0)
    before = torch.cat([torch.ones_like(through[:1]), through[:-1]])
    weight = torch.where(through > 1e-4, before * alpha, 0)
    return torch.einsum("nhw,nc->hwc", weight, colors[order])


def prepare(arrays, options):
    splats = [given(arrays, name, True) for name in NAMES]
    target = given(arrays, "target")

    def value_and_gradient():
        loss = (picture(*splats, options["width"]) - target).square().mean()
        return [loss, *torch.autograd.grad(loss, splats)]

    return value_and_gradient
