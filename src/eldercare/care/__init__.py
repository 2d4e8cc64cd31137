"""Care: need, beds, meals and the split of city totals, as pure functions of plain arrays.

Arrays that differ by draw have the draws last. Numbers out of their range raise ValueError where docstrings say so.
"""
