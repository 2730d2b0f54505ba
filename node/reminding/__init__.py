"""The clocks of referrals: who waits for what, since when, until when, and who is told."""
