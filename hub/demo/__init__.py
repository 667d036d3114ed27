"""What `make demo` shows: clients to try, and how right the view is against the sandbox's kept truth.

Map:
    clients     demo clients, one for each kind of user
    comparison  the view beside the truth
"""
