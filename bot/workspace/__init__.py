"""Loads and checks the folder that describes one team."""

from bot.workspace.load import WorkspaceInvalid, check_workspace, load_workspace
from bot.workspace.problems import Problem

__all__ = ["Problem", "WorkspaceInvalid", "check_workspace", "load_workspace"]
