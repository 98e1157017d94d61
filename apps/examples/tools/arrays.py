"""Arrays in both directions: numpy in Python, typed arrays in TypeScript."""

from __future__ import annotations

import numpy as np
from snakepit_bridge import tool


@tool
def standardize(values: np.ndarray) -> np.ndarray:
    """Scales each column to mean 0 and standard deviation 1."""
    return (values - values.mean(axis=0)) / values.std(axis=0)


@tool
def correlation(values: np.ndarray) -> np.ndarray:
    """Returns the correlation matrix of the columns."""
    return np.corrcoef(values, rowvar=False)
