"""Tools of a small shop: quick ones, slow ones, and one that some orders make fail."""

from __future__ import annotations

import time

from snakepit_bridge import tool

RATES = {"EUR": 1.0, "USD": 1.08, "JPY": 163.2, "GBP": 0.85}


@tool
def price(items: list[float]) -> float:
    """Adds up the prices of a cart."""
    return round(sum(items), 2)


@tool
def convert(amount: float, currency: str) -> float:
    """Converts euros to another currency."""
    return round(amount * rate_of(currency), 2)


def rate_of(currency: str) -> float:
    """Returns the rate of a currency; raises ``ValueError`` for an unknown one."""
    if currency not in RATES:
        raise ValueError(f"no exchange rate for {currency!r}; known are {', '.join(sorted(RATES))}")
    return RATES[currency]


@tool
def recommend(user: str, count: int = 3) -> list[str]:
    """Ranks products for a user, which takes 10 to 60 ms."""
    products = ["tea", "honey", "bread", "jam", "apples", "cheese", "nuts"]
    time.sleep(0.01 + 0.05 * (time.monotonic() % 1))
    return sorted(products, key=lambda product: (product in user, product))[:count]


@tool
def report(days: int) -> dict[str, int]:
    """Summarizes sales; the slowest tool."""
    time.sleep(0.02 * days)
    return {"days": days, "orders": days * 37}
