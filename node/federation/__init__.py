"""The work of a federation's secretariat and key holders, on folders and key files.

    folder      the federation's folder: public/, pending/, root.json, keys/
    key_files   key files of the directory's roles, and their public halves
    changing    a pending change is made or extended
    signing     it is told in facts, and signed
    collecting  what is new in copies of the folder is taken over
    publishing  what has all signatures becomes what members see
    founding    the first change of all
    swapped     a folder of files that is exchanged as a whole
    facts       what people are told of a directory and its members
    hours       opening hours as people write them

What a change is and when it is complete is decided in `keys.change`; here it meets the
disk and the clock. Nothing here asks a person or prints: that is the command line's.
"""
