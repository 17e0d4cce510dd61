"""Pictures of our Slack cards, drawn by us from the exact JSON we send: `python -m docs.pictures`.

`block_kit` says which shapes we understand (anything else is an error), `html` how Slack's client shows them,
`gallery` which pictures there are. Needs Chromium; the fonts it should have are named in docs/slack-cards.md.
"""
