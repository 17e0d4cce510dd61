"""What an agent may do and does: sessions, minds, tools, authority and the gate every call passes."""
