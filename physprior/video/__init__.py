"""Video files: probe, sample, decode and write them. One idea a module; numpy arrays between."""
