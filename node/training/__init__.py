"""Training: a home with invented cases, for practice; it can never reach a peer.

    people    invented people, whose family names mean "example" or "made up"
    cases     invented cases: every category, many scripts, brothers and sisters, versions
    photos    drawn faces
    town      the training federation, and the invented peers in it
    referrals a past for some of the cases, played between the nodes of the town
    making    all of it put into a new home

What is made follows from a seed, so that two trainees see the same cases. The keys of
the home do not: they are as unpredictable as those of any other.
"""
