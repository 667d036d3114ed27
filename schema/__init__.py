"""What there is: entities, code lists, errors, tables. Imports nothing of ours and does no I/O beyond its own data.

Map:
    declaration  how a field of an entity is declared, and the register of entities
    entities/    Person, Case, Victim, Perpetrator and what happens to them, one declaration per field
    codes        code lists with labels in Indonesian and English, validity and standard names
    regions      provinces and regencies by Kemendagri code
    identifiers  grammar of NIK, passport, police report number, phone
    record       what a connector hands to the hub
    tables/      SQLAlchemy Core tables; golden tables follow from the entities
    errors       every error of the hub, by who must act

Direction of imports: hub -> connectors | auth -> schema.
"""
