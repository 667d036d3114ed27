"""The roles of the hub's database, declared once for whoever makes them and whoever asks for them."""

from typing import Final

LOGINS: Final = ("hub_owner", "hub_service", "hub_statistics")
"""Owner of the tables, the running service, the reader of published cells; none may bypass row security."""

GROUPS: Final = ("hub_reader", "hub_sealer", "hub_auditor")
"""What the service becomes for one job and has no right of otherwise: reads rows, seals the ledger, reads the ledger."""
