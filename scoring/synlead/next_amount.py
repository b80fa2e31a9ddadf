"""From one period's mean amount to the next one's: the Markov step of the amount model. Value-model 2.3 and 2.4."""

import numpy as np
from scipy.special import betainc

from scoring.layout import Floats, Ints
from scoring.synlead.amount import Amounts, after_one, density

_PANELS, _POINTS = 60, 20  # composite Gauss-Legendre over log m
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(_POINTS)


def next_amount(amounts: Amounts, least: Floats, most: float) -> Floats:
    """m2: the mean of the amounts from `least` (the lower edge of a customer's bin) up to `most`, the largest there is.

    Shape of `least`. The document's prose has 500,000 for `most`; its numbers are met by the sample's maximum, 499,999.
    """
    if amounts.q <= 1.0:  # an infinite mean, finite only up to `most`
        return _next_amount_by_quadrature(amounts, least, most)
    p, q, k = amounts
    low, high = least / (least + k), most / (most + k)
    weighed = betainc(p + 1.0, q - 1.0, high) - betainc(p + 1.0, q - 1.0, low)
    mass = betainc(p, q, high) - betainc(p, q, low)
    exact = k * p / (q - 1.0) * weighed / np.where(mass > 0.0, mass, 1.0)
    # far in the tail the differences cancel: there the quadrature, which adds what is small
    return np.where(mass > 1e-9, exact, _next_amount_by_quadrature(amounts, least, most))


def _next_amount_by_quadrature(amounts: Amounts, least: Floats, most: float) -> Floats:
    m, weights = _grid(np.asarray(least, float), np.full(np.shape(least), most))
    mass = weights * density(amounts, m)
    total = mass.sum(axis=-1)
    mean = (mass * m).sum(axis=-1) / np.where(total > 0.0, total, 1.0)
    return np.where(total > 0.0, mean, least)


def _grid(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Points in low..high and their weights, shape (..., panels * points): an integral over m is sum(weight * f(m))."""
    edges = np.linspace(np.log(low), np.log(high), _PANELS + 1, axis=-1)
    half = np.diff(edges, axis=-1)[..., None] / 2.0
    middle = (edges[..., 1:] + edges[..., :-1])[..., None] / 2.0
    u = middle + half * _NODES
    m = np.exp(u)
    weights = half * _WEIGHTS * m
    shape = (*np.shape(low), _PANELS * _POINTS)
    return m.reshape(shape), weights.reshape(shape)


def bin_of(edges: Floats, m: Floats) -> Ints:
    """The bin [lo, hi) that holds each amount; what lies outside goes to the first or the last one."""
    return np.asarray(np.clip(np.searchsorted(edges, m, side="right") - 1, 0, len(edges) - 2))


def bin_transitions(amounts: Amounts, edges: Floats) -> Floats:
    """P(next period's bin | this period's bin), shape (bins, bins); of edges ascending and above 0, shape (bins + 1,).

    The rest of each row is the chance of an amount beyond the last edge (or below the first).
    """
    m1, weights = _grid(edges[:-1], edges[1:])
    mass = weights * density(amounts, m1)
    at_edges = after_one(amounts, m1[:, None, :], edges[None, :, None])
    spread = np.diff(at_edges, axis=1)  # of the next bin, at each m1 of this one
    total = mass.sum(axis=-1)
    joint = (mass[:, None, :] * spread).sum(axis=-1)
    return np.asarray(joint / np.where(total > 0.0, total, 1.0)[:, None])


def stays(amounts: Amounts, edges: Floats, most: float) -> Floats:
    """p_m by bin: the chance that the next period's amount lies in the bin that holds m2, shape (bins,)."""
    targets = bin_of(edges, next_amount(amounts, edges[:-1], most))
    return bin_transitions(amounts, edges)[np.arange(len(edges) - 1), targets]
