"""Who asks and what they may see.

Map:
    scopes                 the closed vocabulary of scopes and purposes
    clients                registered clients; `jwks`: which keys they may have
    tokens                 from the Authorization header to the Caller
    permit                 what the Caller may do now
    routes                 the OAuth2 endpoints over HTTP
    server                 the OAuth2 server on Authlib, one transaction for each request
    adapter                our request, client and server as Authlib sees them
    oauth_request          a form, read from HTTP
    client_authentication  private_key_jwt; `assertion`: the client's side of it
    client_credentials     the grant for systems
    token_endpoints        introspection and revocation
    metadata               what the server says about itself
    access_token           tokens made and read (RFC 9068)
    keys                   keys that sign tokens, and their rotation
    jws                    the one place where a signature is checked
    one_time               ids that are valid once
    revocations            tokens withdrawn before their end
    issuers                foreign issuers that two officers trust; `issuer_metadata`: what they say of themselves
    egress                 the one guarded way out to them
    foreign_token          a system's token of another issuer; `jwt_bearer`: the grant that exchanges it for ours
    accounts               people, each for one agency; `first_officers`: the first two
    relying_party          people log in at an issuer of theirs; `id_token`: what it says of them
    logins                 logins and attempts as rows; `login`: what others see of one
    login_routes           the login over HTTP; `login_pages`: its pages

Direction of imports: auth -> schema. `auth` decides; `hub` obeys and keeps the evidence.
"""
