"""What Ebbtide serves over HTTP: the API and the live page. Begins with a later issue."""
