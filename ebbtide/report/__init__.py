"""HTML reports: one self-contained page, no network. Jinja2 and Matplotlib are imported here and nowhere else."""
