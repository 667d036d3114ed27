"""From an agency's bytes to canonical Records. Knows no database and no web server.

Map:
    protocol   what a source gives, what a mapping makes of it, and what the hub asks for
    registry   which agencies there are, found by walking `agencies`
    agencies/  one source (`<agency>.py`) and one mapping (`<agency>.toml`) each
    transport/ REST pages, SOAP, replicas, file drops: how bytes are fetched
    mapping/   the words of a mapping file, and the Records made by them

Direction of imports: hub -> connectors -> schema; agencies do not know each other.
"""
