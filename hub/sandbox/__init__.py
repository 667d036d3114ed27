"""Four synthetic agencies that serve their own real protocols, and the truth about the people in them.

Map, each imports only what stands above it:

    vocabulary                    spellings of every free-text field on the wire
    names  places  people         who the people are; a synthetic NIK begins with 99
    cases                         what truly happened: modus, victims, perpetrators, bystanders
    wire  spelling                a record on the wire with its truth; how agencies misspell
    wire_polri ... wire_kemensos  a case as each agency writes it down
    stories  stories_*  broken    the named messy cases with fixed people; records that must be quarantined
    population                    (seed, size) -> cases and records, streamed and deterministic
    truth                         truth.json: written beside the agencies, read by reports and tests
    store  control                records in order of change; the door by which tests make trouble
    polri imigrasi kemnaker kemensos   one process each
    sso                           the government's login with officers to choose from, a process too
    run                           starts, attaches to and stops the processes

Nothing here imports `connectors` or `hub.ingest`, nor a mapping of ours: a shared mistake would pass unseen.
All persons are synthetic.
"""
