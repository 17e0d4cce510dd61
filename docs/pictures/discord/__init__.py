"""Discord's messages and modals as HTML that looks like its client. Texts are escaped, and read as Discord reads them.

`shapes` says which components we understand (anything else is an error), `markdown` what Discord makes of a text,
`components` and `frames` how it is shown, `gallery` which pictures there are.
"""
