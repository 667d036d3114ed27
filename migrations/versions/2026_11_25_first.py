"""All tables of the first release: sources, pulls, links, the view, keys, clients."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agency_key",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "wrapped", sa.LargeBinary(), nullable=False, comment="key-encryption key, wrapped by the root key"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("agency", "version", name=op.f("pk_agency_key")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("cursor", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "cursor_version", sa.BigInteger(), nullable=False, comment="the fence against a second worker"
        ),
        sa.Column("last_batch_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_complete_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when a pull last reached the end",
        ),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_problem", sa.Text(), nullable=True, comment="in words, without any value"),
        sa.PrimaryKeyConstraint("agency", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "client",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column(
            "agency",
            sa.Text(),
            nullable=True,
            comment="NULL for a client of no agency, such as a public dashboard",
        ),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "public_jwks",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="RFC 7517, public parts only",
        ),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False, comment="words of auth.scopes"),
        sa.Column("purposes", postgresql.ARRAY(sa.Text()), nullable=False, comment="words of auth.scopes"),
        sa.Column(
            "jurisdiction",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="Kemendagri codes of 2 or 4 digits",
        ),
        sa.Column("bearer_allowed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_client")),
    )
    op.create_table(
        "drift_task",
        sa.Column("drift_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_count", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_drift_task_state")),
        sa.PrimaryKeyConstraint("drift_id", name=op.f("pk_drift_task")),
        sa.UniqueConstraint("agency", "object", "path", name=op.f("uq_drift_task_agency_object_path")),
    )
    op.create_table(
        "epoch",
        sa.Column("singleton", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("singleton = 1", name=op.f("ck_epoch_one_row")),
        sa.PrimaryKeyConstraint("singleton", name=op.f("pk_epoch")),
    )
    op.create_table(
        "golden_case",
        sa.Column(
            "case_id",
            sa.Uuid(),
            nullable=False,
            comment="Stable id of the case; after a merge the oldest id stays and the others lead to it.",
        ),
        sa.Column(
            "case_status",
            sa.Text(collation="C"),
            nullable=True,
            comment="Whether the case is open: the more open of the legal process and the services.",
        ),
        sa.Column(
            "police_report",
            sa.Text(collation="C"),
            nullable=True,
            comment="Number of the police report (LP), normalised; absent while no report has been made.",
        ),
        sa.Column(
            "reported_on", sa.Date(), nullable=True, comment="Day of the first report to any agency (WIB)."
        ),
        sa.Column("occurred_from", sa.Date(), nullable=True, comment="First day of the event."),
        sa.Column("occurred_to", sa.Date(), nullable=True, comment="Last day of the event."),
        sa.Column(
            "reporting_entity_id",
            sa.Uuid(),
            nullable=True,
            comment="Organisation that reported the case first.",
        ),
        sa.Column("report_channel", sa.Text(collation="C"), nullable=True, comment="How the report came in."),
        sa.Column(
            "acts",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="What was done (proses), UU 21/2007 art. 1(1).",
        ),
        sa.Column(
            "means",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="By what means (cara), UU 21/2007 art. 1(1); not required for a child.",
        ),
        sa.Column(
            "exploitation",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="For what purpose (tujuan), UU 21/2007 art. 1(1).",
        ),
        sa.Column(
            "modus",
            sa.Text(collation="C"),
            nullable=True,
            comment="The trafficker's method, task force list 2025.1.",
        ),
        sa.Column(
            "modus_text",
            sa.Text(collation="C"),
            nullable=True,
            comment="The method in the agency's words; may speak of persons.",
        ),
        sa.Column(
            "geographic_scope",
            sa.Text(collation="C"),
            nullable=True,
            comment="Domestic or cross-border, derived from the places.",
        ),
        sa.Column(
            "origin_region",
            sa.Text(collation="C"),
            nullable=True,
            comment="Regency or province where recruitment took place; Kemendagri code.",
        ),
        sa.Column(
            "destination_country",
            sa.Text(collation="C"),
            nullable=True,
            comment="Country of exploitation, ISO 3166-1 alpha-3.",
        ),
        sa.Column(
            "destination_region",
            sa.Text(collation="C"),
            nullable=True,
            comment="Regency or province of exploitation in Indonesia; Kemendagri code.",
        ),
        sa.Column(
            "legal_basis",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Articles under which the case is handled.",
        ),
        sa.Column(
            "legal_stage",
            sa.Text(collation="C"),
            nullable=True,
            comment="Latest stage of the legal process that the authority of that stage reported.",
        ),
        sa.Column(
            "legal_terminal",
            sa.Text(collation="C"),
            nullable=True,
            comment="How the legal process ended or was suspended, if it was.",
        ),
        sa.Column(
            "reported_victim_count",
            sa.Integer(),
            nullable=True,
            comment="Number of victims as the agency stated it; never summed, never a count of rows.",
        ),
        sa.Column("agencies", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_golden_case")),
        comment="A trafficking case (IC-TIP event): what happened, where, how, and where the legal process stands.",
    )
    op.create_index(
        "ix_golden_case_destination_country", "golden_case", ["destination_country"], unique=False
    )
    op.create_index("ix_golden_case_destination_region", "golden_case", ["destination_region"], unique=False)
    op.create_index("ix_golden_case_modus", "golden_case", ["modus"], unique=False)
    op.create_index("ix_golden_case_occurred_from", "golden_case", ["occurred_from"], unique=False)
    op.create_index("ix_golden_case_origin_region", "golden_case", ["origin_region"], unique=False)
    op.create_index("ix_golden_case_police_report", "golden_case", ["police_report"], unique=False)
    op.create_index("ix_golden_case_reported_on", "golden_case", ["reported_on"], unique=False)
    op.create_table(
        "golden_document",
        sa.Column("document_id", sa.Uuid(), nullable=False, comment="Stable id of the document."),
        sa.Column("person_id", sa.Uuid(), nullable=True, comment="The holder."),
        sa.Column(
            "agency", sa.Text(collation="C"), nullable=True, comment="Agency that recorded the document."
        ),
        sa.Column("type", sa.Text(collation="C"), nullable=True, comment="Kind of document."),
        sa.Column("number", sa.LargeBinary(), nullable=True, comment="Number of the document."),
        sa.Column(
            "issuer",
            sa.Text(collation="C"),
            nullable=True,
            comment="Office that issued it, as the agency wrote it.",
        ),
        sa.Column("issued_on", sa.Date(), nullable=True, comment="Day of issue."),
        sa.Column("expires_on", sa.Date(), nullable=True, comment="Last day of validity."),
        sa.Column(
            "status",
            sa.Text(collation="C"),
            nullable=True,
            comment="Valid, withheld, forged, lost or expired.",
        ),
        sa.Column("agencies", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_golden_document")),
        comment="A document of a person; its number is identity.",
    )
    op.create_index("ix_golden_document_person_id", "golden_document", ["person_id"], unique=False)
    op.create_table(
        "golden_job_placement",
        sa.Column("job_placement_id", sa.Uuid(), nullable=False, comment="Stable id of the placement."),
        sa.Column("person_id", sa.Uuid(), nullable=True, comment="The worker."),
        sa.Column(
            "agency", sa.Text(collation="C"), nullable=True, comment="Agency that recorded the placement."
        ),
        sa.Column(
            "promised_occupation",
            sa.Text(collation="C"),
            nullable=True,
            comment="Occupation that was promised.",
        ),
        sa.Column(
            "agency_organisation_id",
            sa.Uuid(),
            nullable=True,
            comment="Placement agency or training provider.",
        ),
        sa.Column(
            "country",
            sa.Text(collation="C"),
            nullable=True,
            comment="Country of placement, ISO 3166-1 alpha-3.",
        ),
        sa.Column(
            "recruitment_permit",
            sa.Text(collation="C"),
            nullable=True,
            comment="Recruitment permit (SIP2MI).",
        ),
        sa.Column(
            "contract_signed_on", sa.Date(), nullable=True, comment="Day on which the contract was signed."
        ),
        sa.Column("procedural_status", sa.Text(collation="C"), nullable=True, comment="Procedural or not."),
        sa.Column(
            "placement_status", sa.Text(collation="C"), nullable=True, comment="Where the placement stands."
        ),
        sa.Column("scheme", sa.Text(collation="C"), nullable=True, comment="Placement scheme."),
        sa.Column(
            "wage_promised",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Monthly wage that was promised.",
        ),
        sa.Column(
            "wage_currency", sa.Text(collation="C"), nullable=True, comment="Currency of the wage, ISO 4217."
        ),
        sa.Column(
            "departure_post",
            sa.Text(collation="C"),
            nullable=True,
            comment="Where the worker left Indonesia, as the agency wrote it.",
        ),
        sa.Column("departed_on", sa.Date(), nullable=True, comment="Day of departure."),
        sa.Column("agencies", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job_placement_id", name=op.f("pk_golden_job_placement")),
        comment="A job promised or held abroad, as the manpower system has it; actual conditions are the victim's statement.",
    )
    op.create_index("ix_golden_job_placement_country", "golden_job_placement", ["country"], unique=False)
    op.create_index(
        "ix_golden_job_placement_departed_on", "golden_job_placement", ["departed_on"], unique=False
    )
    op.create_index("ix_golden_job_placement_person_id", "golden_job_placement", ["person_id"], unique=False)
    op.create_table(
        "golden_legal_event",
        sa.Column("legal_event_id", sa.Uuid(), nullable=False, comment="Stable id of the step."),
        sa.Column("case_id", sa.Uuid(), nullable=True, comment="The case."),
        sa.Column("agency", sa.Text(collation="C"), nullable=True, comment="Agency that recorded the step."),
        sa.Column("stage", sa.Text(collation="C"), nullable=True, comment="Stage that was reached."),
        sa.Column(
            "terminal",
            sa.Text(collation="C"),
            nullable=True,
            comment="How the process ended or was suspended.",
        ),
        sa.Column("occurred_on", sa.Date(), nullable=True, comment="Day of the step."),
        sa.Column(
            "document_number",
            sa.Text(collation="C"),
            nullable=True,
            comment="Number of the document that records the step.",
        ),
        sa.Column("agencies", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("legal_event_id", name=op.f("pk_golden_legal_event")),
        comment="One step of the legal process; a backward step is a new event and is kept.",
    )
    op.create_index("ix_golden_legal_event_case_id", "golden_legal_event", ["case_id"], unique=False)
    op.create_index("ix_golden_legal_event_occurred_on", "golden_legal_event", ["occurred_on"], unique=False)
    op.create_table(
        "golden_movement",
        sa.Column("movement_id", sa.Uuid(), nullable=False, comment="Stable id of the crossing."),
        sa.Column("person_id", sa.Uuid(), nullable=True, comment="The person."),
        sa.Column(
            "agency", sa.Text(collation="C"), nullable=True, comment="Agency that recorded the crossing."
        ),
        sa.Column("direction", sa.Text(collation="C"), nullable=True, comment="Into or out of Indonesia."),
        sa.Column("border_post", sa.Text(collation="C"), nullable=True, comment="Border post."),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True, comment="Moment of the crossing."),
        sa.Column("mode", sa.Text(collation="C"), nullable=True, comment="By air, sea or land."),
        sa.Column("carrier", sa.Text(collation="C"), nullable=True, comment="Flight or ship."),
        sa.Column(
            "to_country_declared",
            sa.Text(collation="C"),
            nullable=True,
            comment="Country that the person declared, ISO 3166-1 alpha-3; not the onward one.",
        ),
        sa.Column(
            "basis",
            sa.Text(collation="C"),
            nullable=True,
            comment="Recorded by a border system, reported, or inferred.",
        ),
        sa.Column(
            "depot",
            sa.Text(collation="C"),
            nullable=True,
            comment="Detention depot abroad that a deportee came from.",
        ),
        sa.Column("causes", postgresql.ARRAY(sa.Text()), nullable=True, comment="Causes of the deportation."),
        sa.Column(
            "batch_reference",
            sa.Text(collation="C"),
            nullable=True,
            comment="Consular letter of the deportation batch.",
        ),
        sa.Column("agencies", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("movement_id", name=op.f("pk_golden_movement")),
        comment="One crossing of Indonesia's border by a person.",
    )
    op.create_index("ix_golden_movement_at", "golden_movement", ["at"], unique=False)
    op.create_index("ix_golden_movement_person_id", "golden_movement", ["person_id"], unique=False)
    op.create_table(
        "golden_organisation",
        sa.Column("organisation_id", sa.Uuid(), nullable=False, comment="Stable id of the organisation."),
        sa.Column("name", sa.Text(collation="C"), nullable=True, comment="Name."),
        sa.Column("type", sa.Text(collation="C"), nullable=True, comment="Kind of organisation."),
        sa.Column(
            "level", sa.Text(collation="C"), nullable=True, comment="National, province, regency or abroad."
        ),
        sa.Column(
            "region", sa.Text(collation="C"), nullable=True, comment="Region it serves; Kemendagri code."
        ),
        sa.Column("agency", sa.Text(collation="C"), nullable=True, comment="Agency that it belongs to."),
        sa.Column(
            "licence_number",
            sa.Text(collation="C"),
            nullable=True,
            comment="Licence to place workers (SIP3MI) or to train them.",
        ),
        sa.Column("agencies", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_golden_organisation")),
        comment="An agency, office, shelter, placement agency or employer; a shelter's address is never stored.",
    )
    op.create_index("ix_golden_organisation_name", "golden_organisation", ["name"], unique=False)
    op.create_index("ix_golden_organisation_region", "golden_organisation", ["region"], unique=False)
    op.create_table(
        "golden_perpetrator",
        sa.Column(
            "perpetrator_id",
            sa.Uuid(),
            nullable=False,
            comment="Stable id of this person's part as a perpetrator in this case.",
        ),
        sa.Column(
            "person_id",
            sa.Uuid(),
            nullable=True,
            comment="The person; equal in every case of the same person.",
        ),
        sa.Column("case_id", sa.Uuid(), nullable=True, comment="The case."),
        sa.Column(
            "suspect_status",
            sa.Text(collation="C"),
            nullable=True,
            comment="Standing in the criminal process.",
        ),
        sa.Column(
            "roles", postgresql.ARRAY(sa.Text()), nullable=True, comment="Parts that the person played."
        ),
        sa.Column(
            "is_corporate",
            sa.Boolean(),
            nullable=True,
            comment="True if the perpetrator is an organisation, UU 21/2007 art. 13-15.",
        ),
        sa.Column(
            "sentence_months", sa.Integer(), nullable=True, comment="Sentence of imprisonment, months."
        ),
        sa.Column("fine", sa.Numeric(precision=18, scale=2), nullable=True, comment="Fine, rupiah."),
        sa.Column("agencies", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("perpetrator_id", name=op.f("pk_golden_perpetrator")),
        comment="A person as a perpetrator or suspect in one case; below SUSPECT no status leaves law enforcement.",
    )
    op.create_index("ix_golden_perpetrator_case_id", "golden_perpetrator", ["case_id"], unique=False)
    op.create_index("ix_golden_perpetrator_person_id", "golden_perpetrator", ["person_id"], unique=False)
    op.create_table(
        "golden_person",
        sa.Column(
            "person_id",
            sa.Uuid(),
            nullable=False,
            comment="Stable id of the person; after a merge the oldest id stays and the others lead to it.",
        ),
        sa.Column("nik", sa.LargeBinary(), nullable=True, comment="National identity number, 16 digits."),
        sa.Column(
            "nik_status",
            sa.Text(collation="C"),
            nullable=True,
            comment="What is known of the NIK: verified, well-formed, invalid, absent or suspected forged.",
        ),
        sa.Column(
            "full_name", sa.LargeBinary(), nullable=True, comment="Full name; one word is a full name."
        ),
        sa.Column(
            "aliases",
            sa.LargeBinary(),
            nullable=True,
            comment="Other names of the person, by the agency whose word wins: a sealed value has one key, so it is never a union.",
        ),
        sa.Column(
            "birth_place", sa.LargeBinary(), nullable=True, comment="Place of birth as the agency wrote it."
        ),
        sa.Column(
            "birth_date",
            sa.LargeBinary(),
            nullable=True,
            comment="Date of birth; read it together with birthDatePrecision.",
        ),
        sa.Column(
            "birth_date_precision",
            sa.Text(collation="C"),
            nullable=True,
            comment="How exact the date of birth is; ESTIMATED comes from a stated age.",
        ),
        sa.Column("sex", sa.Text(collation="C"), nullable=True, comment="Sex."),
        sa.Column(
            "citizenships",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="Citizenships, ISO 3166-1 alpha-3.",
        ),
        sa.Column(
            "address",
            sa.LargeBinary(),
            nullable=True,
            comment="Address as the agency wrote it; never a shelter's.",
        ),
        sa.Column(
            "residence_region",
            sa.Text(collation="C"),
            nullable=True,
            comment="Regency of residence, or the province where no more is known; Kemendagri code.",
        ),
        sa.Column("phone", sa.LargeBinary(), nullable=True, comment="Telephone number, E.164."),
        sa.Column(
            "education",
            sa.Text(collation="C"),
            nullable=True,
            comment="Highest education completed, ISCED 2011.",
        ),
        sa.Column("marital_status", sa.Text(collation="C"), nullable=True, comment="Marital status."),
        sa.Column(
            "number_of_children", sa.Integer(), nullable=True, comment="Number of the person's children."
        ),
        sa.Column(
            "disabilities",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="Disabilities as a service provider recorded them.",
        ),
        sa.Column(
            "deceased", sa.Boolean(), nullable=True, comment="True if the person is known to have died."
        ),
        sa.Column("agencies", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_golden_person")),
        comment="A human being as the hub knows them: identity only. Victim and perpetrator are roles of a person in a case.",
    )
    op.create_index("ix_golden_person_residence_region", "golden_person", ["residence_region"], unique=False)
    op.create_table(
        "golden_restitution",
        sa.Column("restitution_id", sa.Uuid(), nullable=False, comment="Stable id of the entry."),
        sa.Column("victim_id", sa.Uuid(), nullable=True, comment="The victim."),
        sa.Column("agency", sa.Text(collation="C"), nullable=True, comment="Agency that recorded the entry."),
        sa.Column("head", sa.Text(collation="C"), nullable=True, comment="Head of loss."),
        sa.Column(
            "assessed", sa.Numeric(precision=18, scale=2), nullable=True, comment="Amount assessed by LPSK."
        ),
        sa.Column(
            "claimed",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Amount in the prosecutor's demand.",
        ),
        sa.Column(
            "awarded",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Amount awarded by the court.",
        ),
        sa.Column("paid", sa.Numeric(precision=18, scale=2), nullable=True, comment="Amount paid."),
        sa.Column("currency", sa.Text(collation="C"), nullable=True, comment="Currency, ISO 4217."),
        sa.Column("awarded_on", sa.Date(), nullable=True, comment="Day of the award."),
        sa.Column("paid_on", sa.Date(), nullable=True, comment="Day of the payment."),
        sa.Column(
            "substitute_detention_months",
            sa.Integer(),
            nullable=True,
            comment="Detention in place of payment, months.",
        ),
        sa.Column("agencies", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("restitution_id", name=op.f("pk_golden_restitution")),
        comment="What a victim is owed under one head, and how far it got: assessed, claimed, awarded, paid. NULL is not zero.",
    )
    op.create_index("ix_golden_restitution_awarded_on", "golden_restitution", ["awarded_on"], unique=False)
    op.create_index("ix_golden_restitution_victim_id", "golden_restitution", ["victim_id"], unique=False)
    op.create_table(
        "golden_service_event",
        sa.Column("service_event_id", sa.Uuid(), nullable=False, comment="Stable id of the service."),
        sa.Column("victim_id", sa.Uuid(), nullable=True, comment="The victim served."),
        sa.Column(
            "agency", sa.Text(collation="C"), nullable=True, comment="Agency that recorded the service."
        ),
        sa.Column("category", sa.Text(collation="C"), nullable=True, comment="Kind of service."),
        sa.Column(
            "detail", sa.Text(collation="C"), nullable=True, comment="The service in the provider's words."
        ),
        sa.Column("started_on", sa.Date(), nullable=True, comment="First day."),
        sa.Column("ended_on", sa.Date(), nullable=True, comment="Last day; absent while it goes on."),
        sa.Column("outcome", sa.Text(collation="C"), nullable=True, comment="How it ended."),
        sa.Column(
            "referral_from",
            sa.Text(collation="C"),
            nullable=True,
            comment="Who referred the victim to the provider.",
        ),
        sa.Column("return_leg", sa.Text(collation="C"), nullable=True, comment="Leg of the return."),
        sa.Column(
            "monitoring_month",
            sa.Integer(),
            nullable=True,
            comment="Month after return that a monitoring visit belongs to.",
        ),
        sa.Column("agencies", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("service_event_id", name=op.f("pk_golden_service_event")),
        comment="One service given to a victim (Permen PPPA 8/2021); a shelter's address is never stored.",
    )
    op.create_index(
        "ix_golden_service_event_started_on", "golden_service_event", ["started_on"], unique=False
    )
    op.create_index("ix_golden_service_event_victim_id", "golden_service_event", ["victim_id"], unique=False)
    op.create_table(
        "golden_victim",
        sa.Column(
            "victim_id",
            sa.Uuid(),
            nullable=False,
            comment="Stable id of this person's part as a victim in this case.",
        ),
        sa.Column(
            "person_id",
            sa.Uuid(),
            nullable=True,
            comment="The person; equal in every case of the same person.",
        ),
        sa.Column("case_id", sa.Uuid(), nullable=True, comment="The case."),
        sa.Column(
            "status",
            sa.Text(collation="C"),
            nullable=True,
            comment="Whether the person is a victim in law: indicated, presumed, identified by a formal decision, or not a victim.",
        ),
        sa.Column(
            "status_decided_by",
            sa.Text(collation="C"),
            nullable=True,
            comment="Body whose word the status is.",
        ),
        sa.Column(
            "age_at_identification",
            sa.Integer(),
            nullable=True,
            comment="Age in full years on the day of the first report of the case.",
        ),
        sa.Column("age_band_ctdc", sa.Text(collation="C"), nullable=True, comment="Age band as CTDC counts."),
        sa.Column(
            "age_band_national",
            sa.Text(collation="C"),
            nullable=True,
            comment="Age band as SIMFONI-PPA counts.",
        ),
        sa.Column(
            "is_child_at_exploitation",
            sa.Boolean(),
            nullable=True,
            comment="True if under 18 when the event began; absent where no age is known.",
        ),
        sa.Column(
            "exploitation",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="Forms of exploitation that this person suffered.",
        ),
        sa.Column(
            "sexual_exploitation_type",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="Kinds of sexual exploitation.",
        ),
        sa.Column(
            "sector",
            sa.Text(collation="C"),
            nullable=True,
            comment="Economic sector of the exploitation, ISIC Rev. 4 section.",
        ),
        sa.Column(
            "means_of_control",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="How the person was controlled.",
        ),
        sa.Column(
            "recruiter_relation",
            sa.Text(collation="C"),
            nullable=True,
            comment="Relation of the recruiter to the victim.",
        ),
        sa.Column(
            "recruitment_methods",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="How the person was recruited.",
        ),
        sa.Column(
            "recruitment_platforms",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="Online platforms on which the person was recruited.",
        ),
        sa.Column(
            "protection_level",
            sa.Text(collation="C"),
            nullable=True,
            comment="Protection that holds for the person; the stricter wins.",
        ),
        sa.Column(
            "stage",
            sa.Text(collation="C"),
            nullable=True,
            comment="Where the victim stands between identification and reintegration.",
        ),
        sa.Column("stage_since", sa.Date(), nullable=True, comment="Day on which the stage began."),
        sa.Column("agencies", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("victim_id", name=op.f("pk_golden_victim")),
        comment="A person as a victim in one case. Status is a formal decision or less; no score ever sets it.",
    )
    op.create_index("ix_golden_victim_case_id", "golden_victim", ["case_id"], unique=False)
    op.create_index("ix_golden_victim_person_id", "golden_victim", ["person_id"], unique=False)
    op.create_index("ix_golden_victim_stage", "golden_victim", ["stage"], unique=False)
    op.create_index("ix_golden_victim_stage_since", "golden_victim", ["stage_since"], unique=False)
    op.create_table(
        "link",
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('PERSON', 'CASE')", name=op.f("ck_link_kind")),
        sa.PrimaryKeyConstraint("link_id", name=op.f("pk_link")),
    )
    op.create_index(
        "ix_link_entity", "link", ["entity_id"], unique=False, postgresql_where=sa.text("valid_to IS NULL")
    )
    op.create_index(
        "uq_link_open", "link", ["source_id"], unique=True, postgresql_where=sa.text("valid_to IS NULL")
    )
    op.create_table(
        "link_match",
        sa.Column("match_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("left_id", sa.Uuid(), nullable=False, comment="the older source"),
        sa.Column("right_id", sa.Uuid(), nullable=False, comment="the newer source"),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column(
            "evidence",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="similarities, never values",
        ),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('PERSON', 'CASE')", name=op.f("ck_link_match_kind")),
        sa.CheckConstraint("verdict IN ('same', 'not_same')", name=op.f("ck_link_match_verdict")),
        sa.CheckConstraint("left_id < right_id", name=op.f("ck_link_match_order")),
        sa.PrimaryKeyConstraint("match_id", name=op.f("pk_link_match")),
    )
    op.create_index(
        "ix_link_match_right",
        "link_match",
        ["right_id"],
        unique=False,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_index(
        "uq_link_match_open",
        "link_match",
        ["left_id", "right_id"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "link_queue",
        sa.Column("queue_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('PERSON', 'CASE')", name=op.f("ck_link_queue_kind")),
        sa.PrimaryKeyConstraint("queue_id", name=op.f("pk_link_queue")),
    )
    op.create_table(
        "one_time_id",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of client and value"),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value_hash", name=op.f("pk_one_time_id")),
    )
    op.create_index(op.f("ix_one_time_id_expires_at"), "one_time_id", ["expires_at"], unique=False)
    op.create_table(
        "pull_run",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_pull_run")),
    )
    op.create_table(
        "quarantine",
        sa.Column("quarantine_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column(
            "key",
            sa.LargeBinary(),
            nullable=True,
            comment="HMAC of the source's key; NULL where the source gave none",
        ),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "rules",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="[{rule, path, problem}], never a value",
        ),
        sa.Column("paths", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("source_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mapping_version", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'replayed', 'rejected')", name=op.f("ck_quarantine_state")),
        sa.PrimaryKeyConstraint("quarantine_id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint(
            "agency",
            "object",
            "key",
            "hash",
            name=op.f("uq_quarantine_agency_object_key_hash"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "redirect",
        sa.Column("old_id", sa.Uuid(), nullable=False),
        sa.Column("new_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("old_id", name=op.f("pk_redirect")),
    )
    op.create_index("ix_redirect_new_id", "redirect", ["new_id"], unique=False)
    op.create_table(
        "review_task",
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("left_id", sa.Uuid(), nullable=False),
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("restricted", sa.Text(), nullable=True, comment="scope that the reviewer needs"),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('PERSON', 'CASE')", name=op.f("ck_review_task_kind")),
        sa.CheckConstraint(
            "state IN ('open', 'same', 'not_same', 'undecided')", name=op.f("ck_review_task_state")
        ),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_review_task")),
        sa.UniqueConstraint("left_id", "right_id", name=op.f("uq_review_task_left_id_right_id")),
    )
    op.create_table(
        "revoked_token",
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_revoked_token")),
    )
    op.create_index(op.f("ix_revoked_token_expires_at"), "revoked_token", ["expires_at"], unique=False)
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("alg", sa.Text(), nullable=False),
        sa.Column("public_jwk", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "sealed_private", sa.LargeBinary(), nullable=False, comment="sealed to its place, never plain"
        ),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False, comment="signs from then"),
        sa.Column("retire_at", sa.DateTime(timezone=True), nullable=False, comment="signs until then"),
        sa.Column("drop_at", sa.DateTime(timezone=True), nullable=False, comment="is published until then"),
        sa.CheckConstraint(
            "not_before < retire_at AND retire_at < drop_at", name=op.f("ck_signing_key_life")
        ),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_key")),
    )
    op.create_table(
        "source_case",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False, comment="latest version"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("source_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("implied", sa.Boolean(), nullable=False),
        sa.Column(
            "police_report",
            sa.Text(),
            nullable=True,
            comment="key of the police report, evidence that two cases are one",
        ),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_case")),
        sa.UniqueConstraint("agency", "object", "key", name=op.f("uq_source_case_agency_object_key")),
    )
    op.create_index(
        "ix_source_case_police_report",
        "source_case",
        ["police_report"],
        unique=False,
        postgresql_where=sa.text("police_report IS NOT NULL"),
    )
    op.create_table(
        "source_person",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role_id",
            sa.Uuid(),
            nullable=False,
            comment="names the victim or perpetrator that the record gives rise to",
        ),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False, comment="latest version"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("source_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column(
            "case_object",
            sa.Text(),
            nullable=True,
            comment="with case_key: the source_case of the same agency in which the role stands",
        ),
        sa.Column("case_key", sa.LargeBinary(), nullable=True),
        sa.Column("nik_token", sa.LargeBinary(), nullable=True, comment="HMAC of a well-formed NIK"),
        sa.Column("passport_token", sa.LargeBinary(), nullable=True, comment="HMAC of the passport number"),
        sa.Column(
            "birth_name_token",
            sa.LargeBinary(),
            nullable=True,
            comment="HMAC of exact birth date and phonetic first name",
        ),
        sa.CheckConstraint("role IN ('VICTIM', 'PERPETRATOR')", name=op.f("ck_source_person_role")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_person")),
        sa.UniqueConstraint("agency", "object", "key", name=op.f("uq_source_person_agency_object_key")),
    )
    op.create_index(
        "ix_source_person_birth_name_token",
        "source_person",
        ["birth_name_token"],
        unique=False,
        postgresql_where=sa.text("birth_name_token IS NOT NULL"),
    )
    op.create_index(
        "ix_source_person_case",
        "source_person",
        ["agency", "case_object", "case_key"],
        unique=False,
        postgresql_where=sa.text("case_key IS NOT NULL"),
    )
    op.create_index(
        "ix_source_person_nik_token",
        "source_person",
        ["nik_token"],
        unique=False,
        postgresql_where=sa.text("nik_token IS NOT NULL"),
    )
    op.create_index(
        "ix_source_person_passport_token",
        "source_person",
        ["passport_token"],
        unique=False,
        postgresql_where=sa.text("passport_token IS NOT NULL"),
    )
    op.create_table(
        "source_record",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column(
            "subject_id",
            sa.Uuid(),
            nullable=False,
            comment="source_person or source_case that it is a version of",
        ),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False, comment="HMAC of the source's key"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="HMAC over the canonical form"),
        sa.Column(
            "sealed",
            sa.LargeBinary(),
            nullable=True,
            comment="identity and the part as received, under the subject's key",
        ),
        sa.Column(
            "facts",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="facts and events without identity",
        ),
        sa.Column("source_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mapping_version", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("source_uri", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('PERSON', 'CASE')", name=op.f("ck_source_record_kind")),
        sa.CheckConstraint(
            "deleted = (sealed IS NULL)", name=op.f("ck_source_record_tombstone_has_no_payload")
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_source_record")),
        sa.UniqueConstraint("subject_id", "version", name=op.f("uq_source_record_subject_id_version")),
    )
    op.create_table(
        "subject_key",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("kek_version", sa.Integer(), nullable=False),
        sa.Column(
            "wrapped", sa.LargeBinary(), nullable=False, comment="data key, wrapped by the agency's key"
        ),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_subject_key")),
    )
