"""Python's collector of cycles, kept from getting in the way of batches."""

import gc


def spare_the_collector() -> None:
    """Collect cycles rarely: a batch is hundreds of thousands of objects without cycles, and tracing them took half the CPU."""
    gc.freeze()
    gc.set_threshold(200_000, 50, 1_000)
