"""Where people meet the team. One port, one contract suite; each surface keeps its SDK to itself."""
