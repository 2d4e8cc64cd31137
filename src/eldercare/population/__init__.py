"""Population: life tables, mortality levels, base population, migration, fertility and the cohort step.

Pure calculation on arrays, age on the first axis, single ages from 0 with the last one open unless said otherwise.
Arrays come from inputs that are checked already; ValueError says that numbers which are allowed one by one do not fit
together.
"""

SEXES = ("female", "male")
