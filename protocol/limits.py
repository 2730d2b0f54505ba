"""Every number that bounds something, with its unit and its reason.

Checked before memory is taken. A node's config may lower the ones that say so;
nothing raises them, because peers rely on the same numbers.
"""

from __future__ import annotations

PROTOCOL_VERSION = 1

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

# Envelope (SPEC.md section 4)
HEADER_BYTES = 8 * KIB
ENVELOPE_BYTES = 1 * MIB
# A batch is one HTTP body; it also bounds what one request can make a node hold.
BATCH_BYTES = 4 * MIB
BATCH_ENVELOPES = 64
# What header, proof path and checkpoint add to a ciphertext, generously.
ENVELOPE_OVERHEAD_BYTES = 16 * KIB
# Tagged, so that the padding is unambiguous (one byte at least).
SIZE_CLASSES_BYTES = (1 * KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB)
SIZE_CLASS_STEP_BYTES = 256 * KIB
SALT_BYTES = 32
# Leaves room for header, encapsulated key, tag and proof within ENVELOPE_BYTES.
PLAINTEXT_BYTES = 768 * KIB
LIFETIME_MS = 30 * 24 * 3600 * 1000
# Two clocks may disagree by this much before a message counts as from the future.
CLOCK_SKEW_MS = 10 * 60 * 1000

# Log (SPEC.md section 5)
LEAF_BYTES = 60
PROOF_HASHES = 64
# How old a signature may be under which a proof goes out: so its time tells of the clock.
CHECKPOINT_FRESH_MS = 60 * 1000
# Two lines of a node and sixteen cosignatures of 3.4 KB each fit.
CHECKPOINT_BYTES = 80 * KIB
CHECKPOINT_SIGNATURES = 32
ORIGIN_BYTES = 255

LOG_PROOF_BYTES = CHECKPOINT_BYTES + 4 * KIB
REPLY_BYTES = BATCH_ENVELOPES * LOG_PROOF_BYTES

# Attachments (SPEC.md section 6)
ATTACHMENT_BYTES = 2 * GIB
ATTACHMENTS_PER_ENVELOPE = 32
CHUNK_BYTES = 64 * KIB
# One PUT: what is sent again at most after a break.
BLOB_REQUEST_BYTES = 8 * MIB
# One durable write of an upload.
BLOB_WRITE_BYTES = 1 * MIB

# Requests (SPEC.md section 7)
REQUEST_BYTES = 4 * KIB
REQUEST_VALID_MS = 5 * 60 * 1000

# Descriptors and epochs (SPEC.md section 11)
DESCRIPTOR_BYTES = 64 * KIB
DESCRIPTOR_LIFETIME_MS = 30 * 24 * 3600 * 1000
# How long not to ask a peer again because of a request that nobody has vouched for.
DESCRIPTOR_ASKED_MS = 10 * 1000
EPOCHS_PER_DESCRIPTOR = 16
EPOCH_MS = 7 * 24 * 3600 * 1000
EPOCHS_AHEAD = 2
EPOCH_KEPT_MS = 7 * 24 * 3600 * 1000

# Directory (SPEC.md section 10)
NODE_ID_BYTES = 64
MEMBER_BYTES = 64 * KIB
SUSPENSION_BYTES = 128
DIRECTORY_ROOT_BYTES = 512 * KIB
DIRECTORY_TIMESTAMP_BYTES = 64 * KIB
DIRECTORY_SNAPSHOT_BYTES = 1 * MIB
DIRECTORY_TARGETS_BYTES = 5 * MIB
DIRECTORY_SUSPEND_BYTES = 1 * MIB
# All member files together, so that a huge directory cannot fill the memory.
DIRECTORY_MEMBERS_BYTES = 64 * MIB
DIRECTORY_ROOT_ROTATIONS = 256
# Nine digits, as in the names of files.
LAST_DIRECTORY_VERSION = 999_999_999
# How long after its expiry a directory still vouches for keys that a node has not met.
DIRECTORY_GRACE_MS = 14 * 24 * 3600 * 1000

# Legs (SPEC.md section 8)
STEPS_PER_SIDE = 1000
# Support of a family takes long; whatever is open longer is referred anew.
LEG_LIFETIME_MS = 2 * 365 * 24 * 3600 * 1000
TEXT_CHARACTERS = 20_000
# An outcome that its sender neither confirms nor disputes is confirmed by its node then.
UNCONFIRMED_MS = 14 * 24 * 3600 * 1000
# Labels of codes in one message: more than a case can hold codes of newer lists.
CODE_LABELS = 200
CODE_LABEL_CHARACTERS = 200
# Why a version of a case was made; it never leaves the node.
REASON_CHARACTERS = 1_000

# Unauthenticated refusals that a node logs for one claimed sender in one hour:
# enough to leave a trace, too few to grow the log.
UNPROVEN_REFUSALS_PER_HOUR = 10
