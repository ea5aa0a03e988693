"""Populations: members of a sweep trained together by `regcli.stacked`.

Here configs become what its programs are made from, members take turns in the programs' slots, and
what has ended is scored and told.
"""
