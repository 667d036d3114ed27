"""Ends with 0 if the hub takes traffic and calls itself by the issuer's name: `ready.py HOST PORT ISSUER`."""
# ruff: noqa: INP001, T201 -- no module: the test pod runs it, and its log is what it prints

import http.client
import json
import sys

host, port, issuer = sys.argv[1:]


def ask(path: str) -> bytes:
    """The body of the answer; anything but 200 ends the program."""
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
    except OSError as error:
        sys.exit(f"{host}:{port} does not answer: {error.strerror or error}")
    finally:
        connection.close()
    if answer.status != http.client.OK:
        sys.exit(f"{path} answers {answer.status}")
    return body


ask("/readyz")
print("readyz: ready")
told = json.loads(ask("/.well-known/oauth-authorization-server"))["issuer"]
if told != issuer:
    sys.exit(f"the hub calls itself {told}, and settings.issuer is {issuer}")
print(f"issuer: {told}")
