"""What every room stands on: ids, clock, money, errors, canonical bytes, crash points and ports. No I/O."""
