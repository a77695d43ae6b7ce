"""The figures of a report as shapes for inline SVG."""
