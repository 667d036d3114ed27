"""Who asks and what they may see.

Map:
    scopes          the closed vocabulary of scopes and purposes
    clients         registered clients; jwks: which keys they may have
    keys            keys that sign tokens
    jws             the one place where a signature is checked
    access_token    tokens made and read (RFC 9068)
    server          the OAuth2 server on Authlib; routes: its endpoints over HTTP
    tokens          from the Authorization header to the Caller
    permit          what the Caller may do now

Direction of imports: auth -> schema. `auth` decides; `hub` obeys and keeps the evidence.
"""
