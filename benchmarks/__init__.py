"""What Ebbtide costs and how fast it is, measured in one run on one machine: `make bench`. No time is ever asserted."""

import ebbtide as ebbtide  # before `scoring`: it settles where compiled kernels are kept
