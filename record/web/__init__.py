"""What the pages of gate and registry share: the door before every route, and passwords.

Needs the packages of one of the extras; nothing else in `record` imports it.
"""
