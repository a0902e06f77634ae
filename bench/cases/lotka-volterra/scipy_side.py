import numpy as np
from scipy.integrate import solve_ivp


def prepare(arrays, options):
    (u0, v0), rates = arrays["start"][0], arrays["rates"][0]
    a, b, c, d = rates
    # The state, and its derivatives in start and rates: one column for each of these.
    start = np.concatenate([[u0, v0], np.eye(2, 6).ravel()])

    def field(t, z):
        u, v = z[:2]
        seeds = z[2:].reshape(2, 6)
        jacobian = np.array([[a - b * v, -b * u], [d * v, d * u - c]])
        moved = jacobian @ seeds
        moved[0, 2:4] += u, -u * v
        moved[1, 4:] += -v, u * v
        return np.concatenate([[a * u - b * u * v, d * u * v - c * v], moved.ravel()])

    def gradient():
        tolerance = options["tolerance"]
        found = solve_ivp(field, (0, options["end"]), start, rtol=tolerance, atol=tolerance)
        last = found.y[:, -1]
        slopes = (last[0] - 1) * last[2:8]
        return slopes[:2], slopes[2:]

    return gradient
