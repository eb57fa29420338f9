"""One file per page. Pages draw: what they show is read and decided elsewhere.

The folder is not named `pages`: Streamlit would take its files for an application of the old kind,
and show them without their frame to whoever opens one by its address first.
"""
