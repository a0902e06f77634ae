"""CasADi, and the IPOPT that comes with it."""

import casadi
import numpy as np

version = casadi.__version__


def work(run):
    return run


def values(result):
    return [np.asarray(part) for part in result]
