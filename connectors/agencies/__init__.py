"""One module an agency: which system it has and how it is asked. The words are in the `.toml` beside it.

A new agency is new files here and no edit elsewhere; `connectors.registry` finds it by walking this folder.
"""
