"""Block Kit shapes as HTML that looks like Slack's desktop client. Every text is escaped."""
