"""From what a person does to what is on record: events stored once, carried out once, answered."""
