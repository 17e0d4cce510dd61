"""The command line, as a person and as a program uses it: real processes, their words, their exit codes."""
