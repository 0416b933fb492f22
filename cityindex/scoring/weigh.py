"""Weights that are computed from the data of a node's children: principal components, or balance.

All take children (places, children) without missing values, sorted by place, and give weights (children).
Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), steps 4 and 6; Nicoletti et al. (2000).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

import numpy as np

from cityindex.errors import Invalid, Problem
from cityindex.scoring.framework import Rule
from cityindex.scoring.matrix import Bools, Floats, some
from cityindex.scoring.means import RULES
from cityindex.scoring.plan import Branch

EIGENVALUE, EACH, TOGETHER = 0.85, 0.10, 0.60
"""Components are kept from an eigenvalue of about 1 and a tenth of the variance on, until they explain 60 percent."""
ROUNDS, STEP, CLOSE = 2_000, 0.5, 1e-14
HAND = "give the weights by hand"

Warn = Callable[[str], None]


def correlations(values: Floats) -> Floats:
    """The Pearson correlation matrix of the columns."""
    centred = values - values.mean(axis=0)
    scaled = centred / np.sqrt((centred * centred).sum(axis=0))
    return np.asarray(scaled.T @ scaled)


def components(values: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues, largest first, and eigenvectors (children, components) of the correlation matrix.

    Signs are fixed so that the loadings of a component have a positive sum.
    """
    found, vectors = np.linalg.eigh(correlations(values))
    vectors = vectors[:, ::-1]
    return found[::-1], vectors * np.where(vectors.sum(axis=0) < 0, -1.0, 1.0)


def first_component(values: Floats) -> Floats:
    """Loadings on the first component (its eigenvector), some of which may be negative."""
    return components(values)[1][:, 0]


def kept_components(eigenvalues: Floats) -> int:
    """How many components are kept."""
    shares = eigenvalues / eigenvalues.sum()
    kept = int(((eigenvalues >= EIGENVALUE) & (shares >= EACH)).sum())
    enough = int(np.searchsorted(np.cumsum(shares), TOGETHER - 1e-9)) + 1
    return max(kept, enough)


def varimax(loadings: Floats) -> Floats:
    """Loadings (children, factors) turned so that each child loads on few factors; rows weigh alike (Kaiser)."""
    lengths = np.sqrt((loadings * loadings).sum(axis=1, keepdims=True))
    turned = loadings / lengths
    count = len(turned)
    for _ in range(ROUNDS):
        before = turned.copy()
        for one in range(turned.shape[1] - 1):
            for other in range(one + 1, turned.shape[1]):
                x, y = turned[:, one], turned[:, other]
                u, v = x * x - y * y, 2 * x * y
                across = 2 * (u @ v) - 2 * u.sum() * v.sum() / count
                along = (u * u - v * v).sum() - (u.sum() ** 2 - v.sum() ** 2) / count
                angle = np.arctan2(across, along) / 4
                turned[:, one], turned[:, other] = (
                    x * np.cos(angle) + y * np.sin(angle),
                    y * np.cos(angle) - x * np.sin(angle),
                )
        if np.abs(turned - before).max() < 1e-12:
            break
    return np.asarray(turned * lengths)


def oecd_components(values: Floats) -> Floats:
    """Each child's squared loading on its best factor, times the factor's share of the variance, to a sum of 1."""
    eigenvalues, vectors = components(values)
    kept = kept_components(eigenvalues)
    loadings = varimax(vectors[:, :kept] * np.sqrt(eigenvalues[:kept]))
    squared = loadings * loadings
    explained = squared.sum(axis=0)
    scaled = squared / explained
    best = scaled.argmax(axis=1)
    weights = scaled[np.arange(len(best)), best] * (explained / explained.sum())[best]
    return np.asarray(weights / weights.sum())


def balanced(values: Floats, aggregate: Rule) -> Floats:
    """Weights under which every child correlates alike with the node.

    Minimises the squared distance between the correlations, scaled to a sum of 1, and equal shares, by moving each
    weight against its own distance; the best weights met are taken.
    """
    count = values.shape[1]
    weights = np.full(count, 1 / count)
    best, least = weights, np.inf
    for _ in range(ROUNDS):
        node = RULES[aggregate.method](values.T, weights, aggregate.options)
        found = np.maximum(correlations(np.column_stack((values, node)))[:count, count], 1e-3)
        shares = found / found.sum()
        distance = float(((shares - 1 / count) ** 2).sum())
        if distance < least:
            best, least = weights, distance
        if least < CLOSE:
            break
        weights = weights * (1 / (count * shares)) ** STEP
        weights = weights / weights.sum()
    return best


METHODS: Mapping[tuple[str, str], Callable[[Floats, Rule], Floats]] = {
    ("pca", "first"): lambda values, _: first_component(values),
    ("pca", "oecd"): lambda values, _: oecd_components(values),
    ("optimise", "balance"): balanced,
}


def weigh(branch: Branch, names: Sequence[str], rows: Floats, gone: Bools, warn: Warn) -> tuple[float, ...]:
    """The weights of a node's children by its rule, to a sum of 1; 0 for those of weight 0 (pilots) and those `gone`.

    `rows` is (children, cells): their scores over all places and periods of the run. Cells where a child is missing
    are left out; children that do not vary have left the tree (`gone`). Refused are fewer complete cells than
    children + 2, children that do not vary over them, and negative loadings, unless the node says `negative: zero`:
    then they are 0, and `warn` hears of it.
    """
    rule = branch.node.weights
    counted = [position for position, weight in enumerate(branch.weights) if weight > 0 and not gone[position]]
    if rule is None or rule.method == "equal" or len(counted) < 2:
        return branch.weights
    complete = _complete(branch, [names[position] for position in counted], rows[counted])
    loadings = METHODS[rule.method, str(rule.options.get("variant", "first"))](complete, branch.aggregate)
    found = _not_negative(branch, [names[position] for position in counted], loadings, warn)
    weights = dict(zip(counted, (found / found.sum()).tolist(), strict=True))
    return tuple(float(weights.get(position, 0.0)) for position in range(len(branch.weights)))


def _complete(branch: Branch, names: Sequence[str], cells: Floats) -> Floats:
    """The cells that all children have, (cells, children), or a refusal that names the children which prevent it."""
    complete = np.ascontiguousarray(cells[:, ~np.isnan(cells).any(axis=0)].T)
    if len(complete) < len(names) + 2:
        gaps = np.isnan(cells).sum(axis=1)
        most = some([names[k] for k in np.argsort(-gaps, kind="stable").tolist() if gaps[k]])
        reason = f"{len(complete)} places have all {len(names)} children, which is too few"
        _refuse(branch, f"{reason} (most gaps: {most})" if most else reason, HAND)
    flat = complete.max(axis=0) == complete.min(axis=0)
    if flat.any():
        which = some([names[k] for k in np.flatnonzero(flat).tolist()])
        _refuse(branch, f"{which} does not vary over the places that have all children", HAND)
    return complete


def _not_negative(branch: Branch, names: Sequence[str], loadings: Floats, warn: Warn) -> Floats:
    negative = ", ".join(f"{names[k]} {loadings[k]:.3f}" for k in np.flatnonzero(loadings < 0).tolist())
    if not negative:
        return loadings
    if branch.node.weights is None or branch.node.weights.options.get("negative") != "zero":
        _refuse(branch, f"negative loadings: {negative}", f"check directions, {HAND}, or write `negative: zero`")
    warn(f"«{branch.node.code}»: negative loadings count as 0: {negative}")
    return np.maximum(loadings, 0.0)


def _refuse(branch: Branch, reason: str, cure: str) -> NoReturn:
    code = branch.node.code
    raise Invalid(f"«{code}»: weights: {reason} ({cure})", [Problem(reason, cure, column=f"{code}.weights")])
