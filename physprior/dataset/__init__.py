"""Datasets: find and place videos, split them, render their dialogues, write and open the result.

``compile.build`` makes a dataset folder, ``folder.Dataset.open`` reads one.
"""
