"""The Discord surface: against simulated Discords, against servers that fail as Discord does, and piece by piece."""
