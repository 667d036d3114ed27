"""Notices to officers: what they must know at once is sent by mail, beside the lists in which they find it.

Map:
    letter      what a notice says
    post        waiting notices, sent
"""
