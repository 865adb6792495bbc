"""How sure may one be of a share that was counted? Wilson's interval."""

from math import sqrt

Z95 = 1.959964
"""Two-sided 95 % of a normal distribution."""


def wilson(hits: int, total: int, z: float = Z95) -> tuple[float, float]:
    """Bounds of a share between 0 and 1; (0, 1) when nothing was counted.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference". Unlike the textbook's
    share ± 2 standard errors it stays within 0 and 1 and is honest about small counts. Raises ValueError unless
    0 <= hits <= total.
    """
    if not 0 <= hits <= total:
        raise ValueError(f"{hits} of {total} is no share.")
    if total == 0:
        return 0.0, 1.0
    share, squared = hits / total, z * z
    middle = (share + squared / (2 * total)) / (1 + squared / total)
    reach = z / (1 + squared / total) * sqrt(share * (1 - share) / total + squared / (4 * total * total))
    return max(0.0, middle - reach), min(1.0, middle + reach)
