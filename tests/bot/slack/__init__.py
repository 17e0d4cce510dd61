"""The Slack surface: against Slack's own emulator, against fakes that fail as Slack does, and piece by piece."""
