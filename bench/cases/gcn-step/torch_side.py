import warnings

import torch
from start_torch import given

warnings.filterwarnings("ignore", "Sparse CSR tensor support")


def diffusion(edges, nodes):
    """D^(-1/2) (A + I) D^(-1/2)."""
    loops = torch.arange(nodes)
    rows = torch.cat([edges[:, 0], edges[:, 1], loops])
    columns = torch.cat([edges[:, 1], edges[:, 0], loops])
    scale = torch.bincount(rows).float().rsqrt()
    values = scale[rows] * scale[columns]
    return torch.sparse_coo_tensor(torch.stack([rows, columns]), values, (nodes, nodes)).coalesce()


def prepare(arrays, options):
    columns = given(arrays, "columns")
    nodes, per_node = columns.shape
    parameters = [given(arrays, name, True) for name in ("b0", "w0", "b1", "w1")]
    b0, w0, b1, w1 = parameters
    rows = torch.arange(nodes + 1) * per_node
    shape = (nodes, w0.shape[0])
    x = torch.sparse_csr_tensor(rows, columns.long().ravel(), given(arrays, "values"), shape)
    spread = diffusion(given(arrays, "edges").long(), nodes)
    labels = given(arrays, "labels").long()
    optimizer = torch.optim.SGD(parameters, options["learningRate"])

    def step():
        optimizer.zero_grad()
        h = (spread @ (x @ w0) + b0).relu()
        logits = spread @ (h @ w1) + b1
        torch.nn.functional.cross_entropy(logits[: len(labels)], labels).backward()
        optimizer.step()
        return parameters

    return step
