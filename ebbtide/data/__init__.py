"""Sample data that `ebbtide demo` streams; README.md beside it says where it comes from."""
