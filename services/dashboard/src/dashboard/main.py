"""The frame around every page, run by Streamlit for each visit: style, brand, navigation."""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent

st.set_page_config(
    page_title="Photo Factory",
    page_icon=str(HERE / "static" / "icon.png"),
    layout="wide",
    menu_items={"About": "Photo Factory keeps your photos safe, dated and at home."},
)
st.html(HERE / "static" / "style.css")
st.logo(str(HERE / "static" / "brand.svg"), size="large")
st.navigation(
    [
        st.Page(HERE / "screens" / "home.py", title="Home", default=True),
        st.Page(HERE / "screens" / "attention.py", title="Needs attention", url_path="attention"),
        st.Page(
            HERE / "screens" / "asset.py", title="Photo", url_path="photo", visibility="hidden"
        ),
    ],
    position="top",
).run()
