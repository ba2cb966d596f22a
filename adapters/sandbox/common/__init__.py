"""What the three stand-ins share: the case book, what people may do, files, pages."""
