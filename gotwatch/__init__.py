"""gotwatch reads what is dropped into folders."""
