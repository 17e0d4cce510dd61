"""Money is integer micro-dollars: 1 USD = 1_000_000. No float ever holds an amount."""

from decimal import ROUND_CEILING, Decimal

MICROS_PER_USD = 1_000_000


def micros_from_usd(text: str) -> int:
    """Micro-dollars for a decimal amount in dollars, rounded up so that a cap or hold is never understated."""
    return int((Decimal(text) * MICROS_PER_USD).to_integral_value(rounding=ROUND_CEILING))


def format_usd(micros: int) -> str:
    """Dollars for a person: cents from one cent up, else enough digits that a cost never reads as nothing."""
    sign, amount = ("-", -micros) if micros < 0 else ("", micros)
    if amount == 0 or amount >= MICROS_PER_USD // 100:
        return f"{sign}${Decimal(amount) / MICROS_PER_USD:,.2f}"
    return f"{sign}${Decimal(amount) / MICROS_PER_USD:.6f}".rstrip("0")
