"""Arrays in and out: numpy here, typed arrays there."""

from __future__ import annotations

import numpy as np
from snakepit_bridge import tool


@tool
def standardise(values: np.ndarray) -> np.ndarray:
    """Moves each column to mean 0 and standard deviation 1."""
    return (values - values.mean(axis=0)) / values.std(axis=0)


@tool
def correlation(values: np.ndarray) -> np.ndarray:
    """The correlation matrix of the columns."""
    return np.corrcoef(values, rowvar=False)
