"""Values to 34 digits by mpmath, and by PyTorch and JAX: `python reference.py FOLDER`.

FOLDER/index.json lists functions with their precision and number of arguments; the arguments are doubles
in FOLDER/<i>.arguments. Writes FOLDER/<i>.exact, two doubles whose sum is the value, and
FOLDER/<i>.torch and .jax.
"""

import json
import sys
import warnings

import jax
import jax.numpy as jnp
import jax.scipy.special as js
import mpmath as mp
import numpy as np
import torch

jax.config.update("jax_enable_x64", True)
warnings.simplefilter("ignore")
# 34 digits are 113 bits; the rest is for what cancels.
mp.mp.prec = 240

exact = {
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "softplus": lambda x: mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x)),
    "rsqrt": lambda x: 1 / mp.sqrt(x),
    "log2": lambda x: mp.log(x) / mp.ln2,
    "pow": mp.power,
    "lgamma": lambda x: mp.log(abs(mp.gamma(x))) if x < 0 else mp.loggamma(x),
    "polygamma(1, x)": lambda x: mp.polygamma(1, x),
    "gammainc": lambda a, x: mp.gammainc(a, 0, x, regularized=True),
    "gammaincc": lambda a, x: mp.gammainc(a, x, mp.inf, regularized=True),
    "betainc": lambda a, b, x: mp.betainc(a, b, 0, x, regularized=True),
}
by_torch = {
    "softplus": torch.nn.functional.softplus,
    "polygamma(1, x)": lambda x: torch.special.polygamma(1, x),
    "gammainc": torch.special.gammainc,
    "gammaincc": torch.special.gammaincc,
    "betainc": None,
}
by_jax = {
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "rsqrt": jax.lax.rsqrt,
    "pow": jnp.power,
    "lgamma": js.gammaln,
    "polygamma(1, x)": lambda x: js.polygamma(1, x),
    "atan2": jnp.arctan2,
    "asin": jnp.arcsin,
    "acos": jnp.arccos,
    "atan": jnp.arctan,
    "asinh": jnp.arcsinh,
    "acosh": jnp.arccosh,
    "atanh": jnp.arctanh,
}


def pair(value):
    high = float(value)
    return high, float(value - mp.mpf(high)) if np.isfinite(high) else 0.0


def write(name, values):
    np.asarray(values, np.float64).tofile(f"{folder}/{name}")


folder = sys.argv[1]
for i, entry in enumerate(json.load(open(f"{folder}/index.json"))):
    name = entry["name"].split(", x ")[0]
    columns = np.fromfile(f"{folder}/{i}.arguments").reshape(entry["arguments"], -1)
    f = exact.get(name) or getattr(mp, name)
    write(f"{i}.exact", [pair(f(*map(mp.mpf, map(float, row)))) for row in columns.T])
    typed = columns.astype(entry["precision"])
    peer = by_torch.get(name, getattr(torch, name, None))
    if peer is not None:
        write(f"{i}.torch", peer(*map(torch.tensor, typed)))
    peer = by_jax.get(name) or getattr(jnp, name, None) or getattr(js, name)
    write(f"{i}.jax", peer(*map(jnp.asarray, typed)))
    print(entry["name"], entry["precision"], flush=True)
print(f"mpmath {mp.__version__}, PyTorch {torch.__version__}, JAX {jax.__version__}")
