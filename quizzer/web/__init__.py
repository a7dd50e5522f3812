"""Pages: requests become calls of services, and their values become HTML.

Views hold no rules. Whatever may not be seen yet is not in the values that templates are given.
"""
