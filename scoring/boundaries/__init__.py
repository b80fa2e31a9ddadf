"""Where the few that bring most begin: values of all customers, counted in narrow bins, and the boundaries drawn from them."""
