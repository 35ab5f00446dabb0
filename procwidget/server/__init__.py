"""What is served over HTTP: the JSON routes in any Jupyter Server, and the dashboard as a page of its own."""
