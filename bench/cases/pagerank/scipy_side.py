import numpy as np
import scipy.sparse as sp


def prepare(arrays, options):
    nodes, alpha = options["nodes"], options["alpha"]
    start, end, weights = arrays["from"], arrays["to"], arrays["weights"]
    # The place of each edge in the matrix of its row, found once.
    order = np.lexsort((end, start))
    start, end = start[order], end[order]
    indptr = np.searchsorted(start, np.arange(nodes + 1))

    def gradient():
        given = weights[order]
        total = np.bincount(start, given, nodes)
        lost = total == 0
        forward = sp.csr_array((given / total[start], end, indptr), shape=(nodes, nodes))
        backward = forward.T.tocsr()
        score, change = np.full(nodes, 1 / nodes), 1
        while change > 1e-12:
            now = alpha * (backward @ score + score[lost].sum() / nodes) + (1 - alpha) / nodes
            change = np.abs(now - score).sum()
            score = now
        costate, change = np.zeros(nodes), 1
        while change > 1e-13:
            along = forward @ costate
            along[lost] = costate.mean()
            now = alpha * along
            now[0] += 1
            # Only differences of the costate count.
            now -= now.mean()
            change = np.abs(now - costate).max()
            costate = now
        slopes = alpha * (score / np.where(lost, 1, total))[start]
        slopes *= costate[end] - (forward @ costate)[start]
        result = np.empty_like(slopes)
        result[order] = slopes
        return result

    return gradient
