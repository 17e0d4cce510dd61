"""The formats a source may be read in. Each is a table: what the vendor calls a column, and what it is called here."""

from collections.abc import Mapping
from types import MappingProxyType

from agents.sources.formats.ahrefs import AHREFS
from agents.sources.formats.clarity import CLARITY
from agents.sources.formats.format import Format
from agents.sources.formats.ga4 import GA4
from agents.sources.formats.plain import ACCESS_LOG, CSV
from agents.sources.formats.search_console import SEARCH_CONSOLE
from agents.sources.formats.webflow import WEBFLOW

FORMATS: Mapping[str, Format] = MappingProxyType(
    {one.name: one for one in (*GA4, *SEARCH_CONSOLE, *CLARITY, *AHREFS, *WEBFLOW, CSV, ACCESS_LOG)}
)
"""Every format that reads files, by name."""
