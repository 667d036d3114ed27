"""What `make demo` shows: clients to try, and how right the view is against the sandbox's kept truth.

Map:
    clients     demo clients, one for each kind of user
    people      demo people, the login that vouches for them, and their client; `desk`: a token for one of them
    comparison  the view beside the truth
"""
