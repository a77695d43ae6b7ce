"""A dataset in the file formats of other projects: one file here is one format.

``write.export`` makes an export folder; ``formats.FORMATS`` names the formats.
"""
