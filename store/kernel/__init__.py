"""What every room stands on: ids, clock, money, errors, canonical bytes, crash points and the ports of the store. No I/O."""
