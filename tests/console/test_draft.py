"""A proposal while it is written: whatever step the form is at, it carries on all that was written."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.grant import Grant, Proposal, State
from hub.console.draft import STEPS, Draft
from hub.console.form import Form
from schema import reach

NOW = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)
"""The third of March in western Indonesia."""
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40).map(str.strip)
WORDS = st.lists(st.sampled_from(["case:read", "victim:read", "61", "62"]), unique=True).map(tuple)
DRAFTS = st.builds(
    Draft,
    grantee=TEXT,
    owner=TEXT,
    scopes=WORDS,
    purposes=WORDS,
    legal_basis=TEXT,
    agreement=TEXT,
    justification=TEXT,
    where=st.sampled_from(["", "nation", "some", "none"]),
    provinces=WORDS,
    regencies=TEXT,
    valid_from=TEXT,
    valid_to=TEXT,
)


@given(draft=DRAFTS, step=st.sampled_from(list(STEPS)))
def test_no_step_loses_or_changes_what_another_has_brought(draft, step):
    fields: dict[str, tuple[str, ...]] = {}
    for name in STEPS[step]:
        written = getattr(draft, name)
        fields[name] = written if isinstance(written, tuple) else (written,)
    for name, text in draft.hidden(step):
        fields[name] = (*fields.get(name, ()), text)

    assert Draft.of_form(Form(fields)) == draft


@pytest.mark.parametrize(
    ("first", "last", "begins", "ends"),
    [
        ("2026-03-03", "2026-03-03", NOW, datetime(2026, 3, 3, 17, tzinfo=UTC)),
        (
            "2026-03-04",
            "2026-05-31",
            datetime(2026, 3, 3, 17, tzinfo=UTC),
            datetime(2026, 5, 31, 17, tzinfo=UTC),
        ),
    ],
)
def test_the_first_day_begins_now_and_the_last_one_is_whole(first, last, begins, ends):
    proposal = Draft(valid_from=first, valid_to=last).proposal(NOW)

    assert (proposal.valid_from, proposal.valid_to) == (begins, ends)


@given(
    codes=st.sets(st.sampled_from([*sorted(reach.provinces()), "6101", "6171"])),
    days=st.integers(1, 365),
    ago=st.integers(-10, 365),
)
def test_a_renewal_begins_with_what_is_for_as_long_again(codes, days, ago):
    valid_from = NOW - timedelta(days=ago)
    proposal = Proposal(
        grantee="one",
        owner="POLRI",
        scopes=frozenset({"case:read"}),
        purposes=("protection",),
        legal_basis="UU PDP",
        agreement="PKS/1",
        justification="of a test",
        jurisdictions=tuple(sorted(codes)),
        valid_from=valid_from,
        valid_to=valid_from + timedelta(days=days),
    )
    before = Grant(
        grant_id=UUID(int=1),
        version=1,
        proposal=proposal,
        needs_owner=False,
        proposed_by="somebody",
        proposed_at=NOW,
        state=State.ACTIVE,
    )

    after = Draft.of_grant(before, NOW).proposal(NOW)

    lasts = after.valid_to - after.valid_from
    assert after.jurisdictions == proposal.jurisdictions
    assert (after.grantee, after.owner, after.scopes, after.purposes) == (
        "one",
        "POLRI",
        proposal.scopes,
        proposal.purposes,
    )
    assert after.valid_from >= NOW
    assert timedelta(days=days - 1) < lasts <= timedelta(days=days)
