def double(number):
    """SECRETREFERENCE."""
    return number + number
