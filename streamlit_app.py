"""The server: `streamlit run streamlit_app.py` serves the script `dashboard/shell.py`.

The script lies one folder down on purpose: beside a `pages/` folder Streamlit would run page
files by their address, without language, rights or error boundary.
"""

from __future__ import annotations

import streamlit as st

from dashboard import server

server.require_loopback()

app = st.App(
    "dashboard/shell.py",
    lifespan=server.lifespan,
    middleware=server.MIDDLEWARE,
    routes=server.ROUTES,
    on_script_error=server.on_script_error,
)
