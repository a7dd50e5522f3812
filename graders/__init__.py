"""Grade PyTorch submissions: observe them in a jail, judge them outside.

Authors of checks import from here; importing this package loads neither torch nor the runner,
because the jail imports it too.
"""
