"""Sealed identity: what is ciphertext, under which key, and how two ciphertexts are compared.

Map:
    envelope  one sealed value, bound to its place
    kms       where the root key is
    keyring   keys of agencies and subjects, blind indexes, signatures
    names     one spelling for the many of one name
    tokens    blocking keys of a person
"""
