"""The schema, step by step. A released step is never changed; a new one is added.

All tables are STRICT. Times are milliseconds since 1970-01-01 UTC; ids, digests,
proofs and protobuf bytes are BLOBs exactly as they travel. No table stores the
state of a leg: it is the fold of the steps in `messages`.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from node.errors import StoreError

STEPS = Migrations("homeward")


@STEPS(name="0001_node")
def _node(db: Database) -> None:
    for statement in (
        *_NODE, *_FINDING, *_ERASING, *_TAKEN, *_PEOPLE, *_DISCLOSING, *_REMINDERS,
        *_TELLINGS, *_EXPORTS,
    ):  # fmt: skip
        db.execute(statement)


_NODE = (
    # --- the log: leaves, each with the hashes of the subtrees that it completes
    """CREATE TABLE log_leaves (
        log INTEGER NOT NULL, position INTEGER NOT NULL, leaf BLOB NOT NULL,
        hashes BLOB NOT NULL,
        PRIMARY KEY (log, position)) STRICT, WITHOUT ROWID""",
    # After a theft a node goes on with the next log: so a position alone says nothing.
    """CREATE TABLE ended_logs (
        log_number INTEGER PRIMARY KEY, checkpoint BLOB NOT NULL) STRICT""",
    # --- what was seen of the peers' logs, by the subject of the SEEN leaf
    """CREATE TABLE seen (
        checkpoint BLOB PRIMARY KEY, log_number INTEGER NOT NULL,
        log_position INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    # --- trust: which directory this node went by, and which peers' log keys it has met
    """CREATE TABLE directories (
        log_number INTEGER NOT NULL, log_position INTEGER NOT NULL, version INTEGER NOT NULL,
        subject BLOB NOT NULL, PRIMARY KEY (log_number, log_position)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE met_keys (
        key_id BLOB PRIMARY KEY, met_at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    # --- descriptors: one's own and peers', every version with its proof
    """CREATE TABLE descriptors (
        node_id TEXT NOT NULL, serial INTEGER NOT NULL, descriptor BLOB NOT NULL,
        log_key BLOB NOT NULL, proof BLOB, log_number INTEGER, log_position INTEGER,
        fetched_at_ms INTEGER NOT NULL) STRICT""",
    # No serial is unique: after a theft a member may count its own from 1 again.
    "CREATE INDEX descriptors_by_node ON descriptors (node_id)",
    # --- legs, messages, envelopes
    """CREATE TABLE legs (
        leg_id BLOB PRIMARY KEY, side TEXT NOT NULL CHECK (side IN ('sender','recipient')),
        peer TEXT NOT NULL, kind TEXT NOT NULL, urgency INTEGER NOT NULL, case_id TEXT,
        opened_at_ms INTEGER NOT NULL, reply_by_ms INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL, follows BLOB) STRICT, WITHOUT ROWID""",
    "CREATE INDEX legs_by_followed ON legs (follows) WHERE follows IS NOT NULL",
    """CREATE TABLE messages (
        peer TEXT NOT NULL, message_id BLOB NOT NULL,
        direction TEXT NOT NULL CHECK (direction IN ('in','out')),
        leg_id BLOB NOT NULL REFERENCES legs, step_number INTEGER NOT NULL,
        peer_steps_seen INTEGER NOT NULL, name TEXT NOT NULL, question INTEGER NOT NULL,
        reason TEXT NOT NULL,
        salt BLOB NOT NULL, urgency INTEGER NOT NULL,
        created_at_ms INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL,
        stored_at_ms INTEGER NOT NULL, made_by TEXT NOT NULL, payload BLOB NOT NULL,
        PRIMARY KEY (leg_id, direction, message_id)) STRICT""",
    # `payload` is last above: who needs only the rest does not read the pages it fills.
    # Not columns of `messages`: to write a large row again costs more than this small one.
    """CREATE TABLE settlements (
        peer TEXT NOT NULL, message_id BLOB NOT NULL, leg_id BLOB NOT NULL,
        settled TEXT NOT NULL CHECK (settled IN ('received','refused','expired')),
        code INTEGER NOT NULL, settled_at_ms INTEGER NOT NULL,
        PRIMARY KEY (peer, message_id)) STRICT, WITHOUT ROWID""",
    # What was lost is rare, and looked for each time somebody looks at the desk.
    """CREATE INDEX settlements_lost ON settlements (settled_at_ms, leg_id)
        WHERE settled <> 'received'""",
    # Only these can come behind a step that the peer has given up (SPEC.md 8.6).
    """CREATE INDEX messages_about_erasing ON messages (stored_at_ms, leg_id, step_number)
        WHERE direction = 'in' AND name IN ('erase_request','erased','erase_refused')""",
    """CREATE VIEW settled_messages AS SELECT m.*, m.rowid AS place,
        CASE direction WHEN 'in' THEN 'received' ELSE coalesce(s.settled, 'waiting') END
            AS settled,
        coalesce(s.code, 0) AS code,
        CASE direction WHEN 'in' THEN stored_at_ms ELSE s.settled_at_ms END AS settled_at_ms
        FROM messages AS m LEFT JOIN settlements AS s
        ON m.direction = 'out' AND s.peer = m.peer AND s.message_id = m.message_id""",
    """CREATE TABLE envelopes (
        envelope_id BLOB PRIMARY KEY, direction TEXT NOT NULL, peer TEXT NOT NULL,
        message_id BLOB NOT NULL, header BLOB NOT NULL, ciphertext BLOB,
        ciphertext_size INTEGER NOT NULL, ciphertext_digest BLOB NOT NULL,
        log_number INTEGER NOT NULL, log_position INTEGER NOT NULL, peer_proof BLOB,
        code INTEGER NOT NULL DEFAULT 0,
        logged_at_ms INTEGER NOT NULL, peer_descriptor_serial INTEGER) STRICT""",
    "CREATE INDEX envelopes_by_message ON envelopes (direction, peer, message_id)",
    """CREATE TABLE streams (
        peer TEXT NOT NULL PRIMARY KEY, last_seq INTEGER NOT NULL,
        last_envelope_id BLOB NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE refusals (
        envelope_id BLOB NOT NULL, code INTEGER NOT NULL, claimed_sender TEXT NOT NULL,
        is_proven INTEGER NOT NULL, log_number INTEGER NOT NULL,
        log_position INTEGER NOT NULL, at_ms INTEGER NOT NULL,
        PRIMARY KEY (envelope_id, code)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX refusals_by_sender ON refusals (claimed_sender, at_ms)",
    # --- the queue
    """CREATE TABLE outbox (
        message_id BLOB NOT NULL, peer TEXT NOT NULL, leg_id BLOB NOT NULL,
        step_number INTEGER NOT NULL, urgency INTEGER NOT NULL, queued_at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL, not_before_ms INTEGER NOT NULL DEFAULT 0,
        envelope_id BLOB, tries INTEGER NOT NULL DEFAULT 0,
        last_try_ms INTEGER,
        PRIMARY KEY (peer, leg_id, step_number)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE peer_queues (
        peer TEXT PRIMARY KEY, failures INTEGER NOT NULL, next_try_ms INTEGER NOT NULL,
        last_contact_ms INTEGER, last_failure TEXT) STRICT, WITHOUT ROWID""",
    # --- attachments on the way, and the receipts for complete sets
    """CREATE TABLE attachment_sets (
        envelope_id BLOB PRIMARY KEY REFERENCES envelopes, direction TEXT NOT NULL,
        peer TEXT NOT NULL, is_complete INTEGER NOT NULL DEFAULT 0,
        is_unwanted INTEGER NOT NULL DEFAULT 0, log_number INTEGER, log_position INTEGER,
        peer_proof BLOB, completed_at_ms INTEGER) STRICT""",
    """CREATE TABLE attachments (
        envelope_id BLOB NOT NULL REFERENCES attachment_sets, position INTEGER NOT NULL,
        blob_id BLOB NOT NULL, blob_size INTEGER NOT NULL, key BLOB NOT NULL,
        file_id TEXT NOT NULL, media_type TEXT NOT NULL, size INTEGER NOT NULL,
        digest BLOB NOT NULL, is_complete INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (envelope_id, position)) STRICT""",
    "CREATE INDEX attachments_by_blob ON attachments (blob_id)",
    """CREATE TABLE request_nonces (
        sender TEXT NOT NULL, nonce BLOB NOT NULL, expires_at_ms INTEGER NOT NULL,
        PRIMARY KEY (sender, nonce)) STRICT, WITHOUT ROWID""",
    # --- cases: every version is kept
    """CREATE TABLE case_versions (
        case_id TEXT NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL,
        made_at_ms INTEGER NOT NULL, made_by TEXT NOT NULL, reason TEXT NOT NULL,
        PRIMARY KEY (case_id, version)) STRICT""",
    "CREATE INDEX case_versions_by_time ON case_versions (made_at_ms DESC, case_id, version)",
    # What people type of an id: the beginning of what stands after the slash.
    """CREATE INDEX case_versions_by_number ON case_versions
        (substr(case_id, instr(case_id, '/') + 1), case_id)""",
    # The last days of the consents in the newest versions; made from the cases.
    """CREATE TABLE consent_ends (
        case_id TEXT NOT NULL, place INTEGER NOT NULL, last_day TEXT NOT NULL,
        PRIMARY KEY (case_id, place)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX consent_ends_by_day ON consent_ends (last_day, case_id)",
    # Ids that stood for something in a case, and since which version no more; made from the
    # versions. They are never used again, and most cases have none.
    """CREATE TABLE gone_ids (
        case_id TEXT NOT NULL, gone_id TEXT NOT NULL, version INTEGER NOT NULL,
        PRIMARY KEY (case_id, gone_id)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE case_files (
        case_id TEXT NOT NULL, file_id TEXT NOT NULL, blob_id BLOB NOT NULL,
        blob_size INTEGER NOT NULL, key BLOB NOT NULL, media_type TEXT NOT NULL,
        size INTEGER NOT NULL, digest BLOB NOT NULL,
        PRIMARY KEY (case_id, file_id)) STRICT""",
)

# What comes with values that are taken from a peer's message into an own case.
_TAKEN = (
    # What a peer calls codes that this node does not know.
    """CREATE TABLE code_labels (
        case_id TEXT NOT NULL, vocabulary TEXT NOT NULL, code TEXT NOT NULL,
        language TEXT NOT NULL, label TEXT NOT NULL,
        PRIMARY KEY (vocabulary, code, language, case_id)) STRICT, WITHOUT ROWID""",
    # Which fields of which of the peer's steps were taken into which version of a case.
    """CREATE TABLE taken_fields (
        leg_id BLOB NOT NULL, step_number INTEGER NOT NULL, path TEXT NOT NULL,
        case_id TEXT NOT NULL, version INTEGER NOT NULL,
        PRIMARY KEY (leg_id, step_number, path, case_id)) STRICT, WITHOUT ROWID""",
    # Ids are short names within a case: what an element of theirs is called in ours.
    """CREATE TABLE taken_ids (
        case_id TEXT NOT NULL, leg_id BLOB NOT NULL, theirs TEXT NOT NULL, own TEXT NOT NULL,
        PRIMARY KEY (case_id, leg_id, theirs)) STRICT, WITHOUT ROWID""",
)

# What was erased. Rows here outlive it, and hold nothing of it.
_ERASING = (
    # `is_finished`: the files are gone too, and no old page of the database is left.
    """CREATE TABLE erasures (
        subject BLOB PRIMARY KEY, what TEXT NOT NULL, leg_id BLOB, case_id TEXT,
        reason TEXT NOT NULL, at_ms INTEGER NOT NULL, made_by TEXT NOT NULL,
        record BLOB NOT NULL, log_number INTEGER NOT NULL, log_position INTEGER NOT NULL,
        is_finished INTEGER NOT NULL DEFAULT 0) STRICT""",
    "CREATE INDEX erasures_by_leg ON erasures (leg_id)",
    "CREATE INDEX erasures_by_case ON erasures (case_id)",
    "CREATE INDEX erasures_to_finish ON erasures (is_finished) WHERE is_finished = 0",
    # Files that are to go, unless something else needs them by then.
    "CREATE TABLE blob_removals (blob_id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID",
    # How a case ended, for the time that it is kept, and since when that is known to be over.
    """CREATE TABLE case_ends (
        case_id TEXT PRIMARY KEY, outcome TEXT NOT NULL, ended_at_ms INTEGER NOT NULL,
        kept_until_ms INTEGER NOT NULL, warned_at_ms INTEGER) STRICT, WITHOUT ROWID""",
    "CREATE INDEX legs_by_case ON legs (case_id) WHERE case_id IS NOT NULL",
)

# The index for finding people. It is made from the cases and goes with them: a row here
# hangs on a version of a case, and a word of a name is deleted with the last who has it.
_FINDING = (
    # By which rules of node.finding the rest was made.
    "CREATE TABLE finding_rules (rules INTEGER NOT NULL) STRICT",
    "INSERT INTO finding_rules (rules) VALUES (1)",
    """CREATE TABLE finding_people (
        person INTEGER PRIMARY KEY, case_id TEXT NOT NULL, version INTEGER NOT NULL,
        part TEXT NOT NULL, place TEXT NOT NULL, names TEXT NOT NULL, born TEXT NOT NULL,
        sex TEXT NOT NULL,
        FOREIGN KEY (case_id, version) REFERENCES case_versions ON DELETE CASCADE) STRICT""",
    "CREATE INDEX finding_people_by_case ON finding_people (case_id, version)",
    """CREATE TABLE finding_words (
        word INTEGER PRIMARY KEY, latin TEXT NOT NULL, sounds TEXT NOT NULL,
        script TEXT NOT NULL, given TEXT NOT NULL, UNIQUE (latin, sounds, script)) STRICT""",
    """CREATE TABLE finding_keys (
        key TEXT NOT NULL, word INTEGER NOT NULL REFERENCES finding_words ON DELETE CASCADE,
        PRIMARY KEY (key, word)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX finding_keys_by_word ON finding_keys (word)",
    """CREATE TABLE finding_uses (
        word INTEGER NOT NULL REFERENCES finding_words,
        person INTEGER NOT NULL REFERENCES finding_people ON DELETE CASCADE,
        PRIMARY KEY (word, person)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX finding_uses_by_person ON finding_uses (person)",
    """CREATE TRIGGER finding_words_without_use AFTER DELETE ON finding_uses BEGIN
        DELETE FROM finding_words WHERE word = OLD.word
        AND NOT EXISTS (SELECT 1 FROM finding_uses WHERE word = OLD.word); END""",
    """CREATE TABLE finding_numbers (
        term TEXT NOT NULL, person INTEGER NOT NULL REFERENCES finding_people ON DELETE CASCADE,
        PRIMARY KEY (term, person)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX finding_numbers_by_person ON finding_numbers (person)",
)

# Who uses the pages. Of tokens and recovery codes only the hash is kept.
_PEOPLE = (
    """CREATE TABLE users (
        user_id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, role TEXT NOT NULL,
        language TEXT NOT NULL, is_active INTEGER NOT NULL, added_at_ms INTEGER NOT NULL,
        added_by TEXT NOT NULL, password TEXT NOT NULL, totp BLOB NOT NULL,
        totp_step INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE passkeys (
        credential_id BLOB PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users,
        public_key BLOB NOT NULL, sign_count INTEGER NOT NULL, name TEXT NOT NULL,
        added_at_ms INTEGER NOT NULL, used_at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE recovery_codes (
        user_id TEXT NOT NULL REFERENCES users, code_hash BLOB NOT NULL,
        PRIMARY KEY (user_id, code_hash)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE links (
        token_hash BLOB PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users,
        made_at_ms INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL,
        made_by TEXT NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE resets (
        user_id TEXT PRIMARY KEY REFERENCES users, asked_at_ms INTEGER NOT NULL,
        asked_by TEXT NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE sessions (
        token_hash BLOB PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users,
        opened_at_ms INTEGER NOT NULL, seen_at_ms INTEGER NOT NULL,
        proven_at_ms INTEGER NOT NULL, is_locked INTEGER NOT NULL,
        means TEXT NOT NULL, browser TEXT NOT NULL) STRICT, WITHOUT ROWID""",
    # In which browsers somebody has signed in: there, strangers' guesses do not count.
    """CREATE TABLE known_browsers (
        token_hash BLOB NOT NULL, user_id TEXT NOT NULL REFERENCES users,
        seen_at_ms INTEGER NOT NULL, PRIMARY KEY (user_id, token_hash)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE drafts (
        user_id TEXT NOT NULL REFERENCES users, form TEXT NOT NULL, body TEXT NOT NULL,
        kept_at_ms INTEGER NOT NULL, PRIMARY KEY (user_id, form)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE used_forms (
        form_id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users,
        used_at_ms INTEGER NOT NULL, location TEXT NOT NULL) STRICT, WITHOUT ROWID""",
    # Who looked at which case or referral; a name, not a user: it is kept when they leave.
    """CREATE TABLE accesses (
        who TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, what TEXT NOT NULL,
        count INTEGER NOT NULL, at_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL) STRICT""",
    "CREATE INDEX accesses_by_subject ON accesses (subject, who, action, what, until_ms)",
    "CREATE INDEX accesses_by_time ON accesses (until_ms)",
)

# What a peer told, so that it goes to no other; what waits for a second person.
_DISCLOSING = (
    """CREATE TABLE case_origins (
        case_id TEXT NOT NULL, element TEXT NOT NULL, digest BLOB NOT NULL, peer TEXT NOT NULL,
        leg_id BLOB NOT NULL,
        PRIMARY KEY (case_id, element, digest, peer)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE approvals (
        approval_id BLOB PRIMARY KEY, step TEXT NOT NULL, peers TEXT NOT NULL, leg_id BLOB,
        case_id TEXT NOT NULL, case_version INTEGER NOT NULL, choice TEXT NOT NULL,
        digest BLOB NOT NULL, reason TEXT NOT NULL, asked_by TEXT NOT NULL,
        asked_at_ms INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL,
        decision TEXT NOT NULL CHECK (decision IN ('','approved','rejected','over')),
        decided_by TEXT NOT NULL, decided_at_ms INTEGER NOT NULL,
        text TEXT NOT NULL) STRICT, WITHOUT ROWID""",
)

# What was told of waiting legs (see node.reminding), and the mail that has to go out.
_REMINDERS = (
    """CREATE TABLE reminders (
        leg_id BLOB NOT NULL REFERENCES legs ON DELETE CASCADE, what TEXT NOT NULL,
        cause TEXT NOT NULL, stage INTEGER NOT NULL, audience TEXT NOT NULL,
        told_at_ms INTEGER NOT NULL,
        PRIMARY KEY (leg_id, what, cause, stage)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE mails (
        mail_id INTEGER PRIMARY KEY, message_id TEXT NOT NULL, audience TEXT NOT NULL,
        subject TEXT NOT NULL, body TEXT NOT NULL, queued_at_ms INTEGER NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0, not_before_ms INTEGER NOT NULL DEFAULT 0,
        last_failure TEXT NOT NULL DEFAULT '', given_up_at_ms INTEGER) STRICT""",
    "CREATE TABLE digests (slot_ms INTEGER PRIMARY KEY) STRICT",
)
# What could not be delivered, and was told in another way: who said so, when, and how.
_TELLINGS = (
    """CREATE TABLE tellings (
        leg_id BLOB NOT NULL REFERENCES legs ON DELETE CASCADE, cause TEXT NOT NULL,
        how TEXT NOT NULL CHECK (how IN ('telephone','email','other')),
        made_by TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (leg_id, cause)) STRICT""",
)
_EXPORTS = (
    # --- what left as a file; the EXPORT leaf commits to salt and digest
    """CREATE TABLE exports (
        log_number INTEGER NOT NULL, log_position INTEGER NOT NULL, salt BLOB NOT NULL,
        digest BLOB NOT NULL, case_id TEXT NOT NULL, case_version INTEGER NOT NULL,
        form TEXT NOT NULL, paths TEXT NOT NULL, reason TEXT NOT NULL, made_by TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        PRIMARY KEY (log_number, log_position)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX exports_by_case ON exports (case_id)",
)


def migrate(db: Database) -> None:
    """Bring the schema up to date.

    Raises:
        StoreError: the database was made by a newer Homeward; nothing is changed.
    """
    known = {step.name for step in STEPS._migrations}  # noqa: SLF001 - no public list
    newer = [step.name for step in STEPS.applied(db) if step.name not in known]
    if newer:
        raise StoreError(
            "home_too_new",
            "this home was made by a newer version of homeward",
            "install that version again; this one does not touch the home",
        )
    STEPS.apply(db)
