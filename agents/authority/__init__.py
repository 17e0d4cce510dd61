"""What an agent may do alone, what needs a person, what nobody may do: pure functions over frozen records."""
