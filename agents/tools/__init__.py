"""Tools: typed actions, and the one door every call of them passes."""
