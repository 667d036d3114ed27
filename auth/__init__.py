"""Who asks and what they may see.

Map:
    scopes                 the closed vocabulary of scopes and purposes
    clients                registered clients; `jwks`: which keys they may have
    tokens                 from what a request shows to the Caller; `challenge`: what a refusal says
    step_up                acts that need a fresh or a strong login
    officer_rights         what officers do, and the scope of each; `csrf`: that a form is of our own page
    permit                 what the Caller may do now
    routes                 the OAuth2 endpoints over HTTP
    server                 the OAuth2 server on Authlib, one transaction for each request
    adapter                our request, client and server as Authlib sees them
    oauth_request          a form, read from HTTP
    throttle               how often all that may be asked
    client_authentication  private_key_jwt; `assertion`: the client's side of it
    client_credentials     the grant for systems
    pushed                 what a client asks of a person; `authorization`: the browser's side, `consent`: its pages
    authorization_code     the grant for what a person has allowed
    login                  what the authorization endpoint needs of a login
    issuing                the one place where what was granted becomes a token
    confirmation           what a token is bound to
    dpop                   proofs of a key; `dpop_nonce`: nonces, `seen_proofs`: what one process has seen
    client_certificate     the certificate that a proxy hands over
    token_endpoints        introspection and revocation
    metadata               what the server says about itself; `places`: where its endpoints stand
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
    session_routes         what a page of our own has of a login: who it is, and tokens for it
    sweep                  what is over is deleted

Direction of imports: auth -> schema. `auth` decides; `hub` obeys and keeps the evidence.
"""
