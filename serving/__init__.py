"""What Ebbtide serves over HTTP: metrics now; the API and the live page with a later issue."""
