"""What people read, in all languages: a table for each, and what is built of them."""
